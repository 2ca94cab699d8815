// Brings what a visitor has just made into view, once for each number that comes.

const brought = new WeakMap();

const bring = async (selector, block) => {
  const made = document.querySelector(selector);
  await made?.decode?.().catch(() => {}); // before, its height is not known
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  made?.scrollIntoView({ block, behavior: still ? "instant" : "smooth" });
};

export default function ({ data, parentElement }) {
  if (brought.get(parentElement) === data.number) return;
  brought.set(parentElement, data.number);
  bring(data.selector, data.block);
}
