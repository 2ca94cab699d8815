// Hands a picture or film that stands on the page to the phone's own sheet, or to the browser's downloads. It goes
// nowhere else, and to the sheet only when the visitor taps.

const files = new WeakMap(); // one per button row: a sheet must open within the tap, so the file is made before

const fileOf = async ({ selector, name, mime }) => {
  const shown = document.querySelector(selector);
  const blob = await (await fetch(shown.src)).blob();
  return new File([blob], name, { type: mime });
};

const save = (file) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

export default function ({ data, parentElement }) {
  const part = (selector) => parentElement.querySelector(selector);
  const said = part(".said");
  const getting = files.get(parentElement)?.number === data.number ? files.get(parentElement).file : fileOf(data);
  files.set(parentElement, { number: data.number, file: getting });
  getting.catch(() => {});
  const send = part("[data-do=send]");
  const keep = part("[data-do=save]");
  send.textContent = data.share;
  keep.textContent = data.save;
  send.hidden = !navigator.canShare?.({ files: [new File([""], data.name, { type: data.mime })] });
  keep.classList.toggle("main", send.hidden);
  const go = (way) => async () => {
    said.textContent = "";
    try {
      await way(await getting);
    } catch (error) {
      // Who closes the sheet again has changed their mind.
      if (error.name !== "AbortError") said.textContent = data.failed;
    }
  };
  send.onclick = go((file) => navigator.share({ files: [file] }));
  keep.onclick = go(save);
}
