// Opens the camera for a moment, to learn what a visitor must do before the video can start, and goes on watching
// whether a camera is there and allowed. Says {attempt, state}: "ready", or a key of PROBLEMS in camera.py.

const REASONS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
};

const check = async (video) => {
  if (!navigator.mediaDevices?.getUserMedia) return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video });
    stream.getTracks().forEach((track) => track.stop());
    return "ready";
  } catch (error) {
    return REASONS[error.name] ?? "busy";
  }
};

const watchCameras = (say) => {
  const changed = async () => {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (!devices.some((device) => device.kind === "videoinput")) say("unplugged");
  };
  navigator.mediaDevices?.addEventListener("devicechange", changed);
  return () => navigator.mediaDevices?.removeEventListener("devicechange", changed);
};

const watchPermission = (say) => {
  let permission;
  const changed = () => permission.state === "denied" && say("refused");
  // Browsers that do not know this permission reject; they end the video instead.
  navigator.permissions
    ?.query({ name: "camera" })
    .then((status) => {
      permission = status;
      permission.addEventListener("change", changed);
    })
    .catch(() => {});
  return () => permission?.removeEventListener("change", changed);
};

// The default function is called at every run of the page: an attempt is checked once, and watched by its latest call.
const attempts = new WeakMap();
const watches = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  const { attempt, video } = data;
  const say = (state) => setStateValue("found", { attempt, state });
  if (attempts.get(parentElement) !== attempt) {
    attempts.set(parentElement, attempt);
    check(video).then((state) => attempts.get(parentElement) === attempt && say(state));
  }
  watches.get(parentElement)?.();
  const unwatch = [watchCameras(say), watchPermission(say)];
  const end = () => unwatch.forEach((stop) => stop());
  watches.set(parentElement, end);
  return end;
}
