// Watches the mirror's video where it is shown, and says whether its picture moves on: frames may reach the server and
// not come back. The video stands in a frame of this same server.

const EVERY = 500; // milliseconds
const PATIENCE = 3; // looks in a row without a new picture

// Browsers let a video rest that nobody can see: then nothing is known of it.
const isInSight = (frame) => {
  if (document.hidden) return false;
  const { top, bottom } = frame.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};

const watches = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const watch = watches.get(parentElement) ?? { time: -1, missed: PATIENCE, moves: false };
  watches.set(parentElement, watch);
  watch.say = (moves) => setStateValue("moves", moves);
  if (watch.timer) return watch.end;
  watch.timer = setInterval(() => {
    const frame = document.querySelector(data.selector);
    if (frame && !isInSight(frame)) return;
    const video = frame?.contentDocument?.querySelector("video");
    const time = video && video.videoWidth > 0 && !video.paused ? video.currentTime : watch.time;
    watch.missed = time === watch.time ? watch.missed + 1 : 0;
    watch.time = time;
    const moves = watch.missed < PATIENCE;
    if (moves === watch.moves) return;
    watch.moves = moves;
    watch.say(moves);
  }, EVERY);
  watch.end = () => {
    clearInterval(watch.timer);
    watches.delete(parentElement);
  };
  return watch.end;
}
