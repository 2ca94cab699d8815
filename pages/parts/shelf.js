// The emojis that a visitor keeps, by name, in this browser's local storage and nowhere else. Only the code of one that
// is opened goes to the server. Names and files are foreign text: they become text and values, never HTML.

const KEY = "selfmoji.emojis";
const MOST = 100;
const LONGEST_NAME = 60;
const LARGEST_FILE = 1_000_000;
const CODE = /^[0-9]{1,4}(\.[a-z]{2}-[a-z0-9_]+)*$/;
const LONGEST_CODE = 1500;

// A text of `data.words` with what stands in its {braces}.
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const named = (name) => String(name).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ").trim().slice(0, LONGEST_NAME);

// What may be shown of a text that this browser or a file has; null when it is not ours.
const read = (text) => {
  try {
    const { selfmoji, emojis } = JSON.parse(text);
    if (selfmoji !== 1 || !Array.isArray(emojis)) return null;
    return emojis
      .filter((kept) => typeof kept?.code === "string" && kept.code.length <= LONGEST_CODE && CODE.test(kept.code))
      .map(({ name, code }) => ({ name: named(name ?? ""), code }));
  } catch {
    return null;
  }
};
const written = (emojis) => JSON.stringify({ selfmoji: 1, emojis }, null, 1);

const load = () => {
  try {
    return read(localStorage.getItem(KEY) ?? "") ?? [];
  } catch {
    return [];
  }
};

const freeName = (emojis, wish) => {
  const taken = new Set(emojis.map(({ name }) => name));
  let [name, number] = [wish, 1];
  while (taken.has(name)) name = `${wish.slice(0, LONGEST_NAME - 4)} ${++number}`;
  return name;
};

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const removed = new WeakMap(); // what "Undo" brings back, by shelf

export default function ({ data, parentElement, setTriggerValue }) {
  const part = (selector) => parentElement.querySelector(selector);

  const say = (text, before = null) => {
    part("[role=status]").textContent = text;
    part("[data-do=undo]").hidden = before === null;
    removed.set(parentElement, before);
  };

  const store = (emojis, text, before = null) => {
    if (emojis.length > MOST) return say(filled(data.words.no_room, { count: MOST }));
    try {
      localStorage.setItem(KEY, written(emojis));
    } catch {
      return say(data.words.no_storage);
    }
    say(text, before);
    return draw();
  };

  const show = (code) => {
    setTriggerValue("open", code);
    document.querySelector("h1")?.scrollIntoView({ block: "end" });
  };

  const card = ({ name: given, code }, place) => {
    const name = given || data.words.first_name;
    const picture = element("img", { src: new URL(`emoji/${code}.svg`, document.baseURI).href, alt: "", loading: "lazy" });
    const open = element("button", { type: "button", className: "open", onclick: () => show(code) }, picture);
    open.setAttribute("aria-label", filled(data.words.open, { name }));
    const input = element("input", { value: name, maxLength: LONGEST_NAME, dir: "auto" });
    input.setAttribute("aria-label", filled(data.words.name_of, { name }));
    input.onchange = () =>
      store(load().map((kept, at) => (at === place ? { ...kept, name: named(input.value) || data.words.first_name } : kept)), data.words.renamed);
    const copy = element("button", { type: "button", textContent: data.words.copy });
    copy.setAttribute("aria-label", filled(data.words.copy_of, { name }));
    copy.onclick = () => {
      const all = load();
      store(all.toSpliced(place + 1, 0, { name: freeName(all, name), code }), data.words.copied);
    };
    const away = element("button", { type: "button", textContent: data.words.delete });
    away.setAttribute("aria-label", filled(data.words.delete_of, { name }));
    away.onclick = () => {
      const all = load();
      store(all.toSpliced(place, 1), data.words.deleted, all);
      part("[data-do=undo]").focus();
    };
    return element("li", {}, open, input, element("div", { className: "row" }, copy, away));
  };

  const draw = () => {
    const all = load();
    const here = all.some(({ code }) => code === data.code);
    part("ul").replaceChildren(...all.map(card));
    part(".none").hidden = all.length > 0;
    part("[data-do=export]").hidden = all.length === 0;
    const keep = part("[data-do=keep]");
    keep.hidden = data.code === null;
    keep.disabled = here;
    keep.textContent = here ? data.words.kept : data.words.keep;
  };

  parentElement.querySelectorAll("[data-word]").forEach((place) => {
    place.textContent = data.words[place.dataset.word];
  });
  const file = part("input[type=file]");
  file.setAttribute("aria-label", data.words.file);
  part("[data-do=keep]").onclick = () => {
    const all = load();
    store([{ name: freeName(all, data.words.first_name), code: data.code }, ...all], data.words.kept_here);
  };
  part("[data-do=undo]").onclick = () => store(removed.get(parentElement), data.words.back);
  part("[data-do=import]").onclick = () => file.click();
  part("[data-do=export]").onclick = () => {
    const href = URL.createObjectURL(new Blob([written(load())], { type: "application/json" }));
    element("a", { href, download: "selfmoji-emojis.json" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
  };
  file.onchange = async () => {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    const found = chosen.size <= LARGEST_FILE ? read(await chosen.text()) : null;
    if (!found) return say(data.words.no_file);
    const all = load();
    const fresh = found.filter((one) => !all.some(({ name, code }) => name === one.name && code === one.code));
    store([...all, ...fresh], 
      fresh.length === 1 ? data.words.one_came : filled(data.words.some_came, { count: fresh.length }),
    );
  };

  const elsewhere = ({ key }) => key === KEY && draw();
  addEventListener("storage", elsewhere);
  draw();
  return () => removeEventListener("storage", elsewhere);
}
