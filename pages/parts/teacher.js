// What the mirror was taught of a visitor's expressions, in this browser's local storage. It goes to the server's memory
// while the mirror's page is open, which reads the emotion by it; the server checks it, and keeps it nowhere.

const KEY = "selfmoji.expressions";
const LARGEST_FILE = 50_000;

const load = () => {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
};

const looksOurs = (text) => {
  try {
    return JSON.parse(text)?.selfmoji === "expressions";
  } catch {
    return false;
  }
};

const places = new WeakMap(); // what this place on the page has said and stored

export default function ({ data, parentElement, setStateValue }) {
  const part = (selector) => parentElement.querySelector(selector);
  const place = places.get(parentElement) ?? { number: data.number, kept: null, fresh: true };
  places.set(parentElement, place);

  const tell = (text) => {
    part("[data-do=export]").hidden = part("[data-do=forget]").hidden = !text;
    if (place.kept === text) return;
    place.kept = text;
    setStateValue("kept", text);
  };
  const store = (text) => {
    part(".said").textContent = "";
    try {
      if (text) localStorage.setItem(KEY, text);
      else localStorage.removeItem(KEY);
    } catch {
      part(".said").textContent = data.words.no_storage;
    }
    tell(text);
  };

  const file = part("input");
  file.setAttribute("aria-label", data.words.file);
  for (const name of ["export", "import", "forget"]) part(`[data-do=${name}]`).textContent = data.words[name];
  part("[data-do=import]").onclick = () => file.click();
  part("[data-do=forget]").onclick = () => store("");
  part("[data-do=export]").onclick = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([place.kept], { type: "application/json" }));
    link.download = "selfmoji-expressions.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  file.onchange = async () => {
    const [chosen] = file.files;
    file.value = "";
    if (!chosen) return;
    const text = chosen.size <= LARGEST_FILE ? await chosen.text() : "";
    if (looksOurs(text)) store(text);
    else part(".said").textContent = data.words.no_file;
  };

  if (data.number !== place.number) {
    place.number = data.number;
    store(data.text);
  } else if (place.kept === null) tell(load());
}
