// Watches the mirror's video where it is shown, and says whether its picture moves on: frames may reach the server and
// not come back. The video stands in a frame of this same server.

const EVERY = 500; // milliseconds
const PATIENCE = 2; // looks in a row without a new picture

const videoOf = (selector) => document.querySelector(selector)?.contentDocument?.querySelector("video");

const watches = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const watch = watches.get(parentElement) ?? { time: -1, missed: PATIENCE, moves: false };
  watches.set(parentElement, watch);
  watch.say = (moves) => setStateValue("moves", moves);
  if (watch.timer) return watch.end;
  watch.timer = setInterval(() => {
    const video = videoOf(data.selector);
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
