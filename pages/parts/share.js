// Hands the emoji's picture to the phone's own sheet, to the clipboard, or to the browser's downloads. The files come
// from this server's /emoji/...; nothing is sent anywhere else before the visitor picks a target in the sheet.

const SIZE = 512;

const address = ({ code, rim }, kind, query = {}) => {
  const url = new URL(`emoji/${code}.${kind}`, document.baseURI);
  Object.entries({ ...query, ...(rim ? { rim: 1 } : {}) }).forEach(([name, value]) => url.searchParams.set(name, value));
  return url.href;
};

const fetched = new Map(); // one open menu's files, by address: a sheet must open within the tap

const fileOf = (look) => {
  const url = address(look, "png", { size: SIZE });
  if (!fetched.has(url)) {
    const file = fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error(answer.statusText);
      return new File([await answer.blob()], `selfmoji-${look.name}.png`, { type: "image/png" });
    });
    file.catch(() => fetched.delete(url));
    fetched.set(url, file);
  }
  return fetched.get(url);
};

const save = (file) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

const WAYS = {
  send: {
    works: () => navigator.canShare?.({ files: [new File([""], "a.png", { type: "image/png" })] }) ?? false,
    go: async (look) => {
      await navigator.share({ files: [await fileOf(look)] });
      return "";
    },
  },
  copy: {
    works: () => Boolean(navigator.clipboard?.write && globalThis.ClipboardItem),
    go: async (look) => {
      // A promise in it, not its result: Safari allows no waiting between the tap and this.
      await navigator.clipboard.write([new ClipboardItem({ "image/png": fileOf(look) })]);
      return "copied";
    },
  },
  save: {
    works: () => true,
    go: async (look) => {
      save(await fileOf(look));
      return "";
    },
  },
};

const drawLooks = (root, looks, chosen) => {
  root.replaceChildren(
    ...looks.map((look) => {
      const label = document.createElement("label");
      label.className = look.name;
      const radio = Object.assign(document.createElement("input"), {
        type: "radio",
        name: "look",
        value: look.name,
        checked: look.name === chosen,
      });
      const picture = Object.assign(document.createElement("img"), { src: address(look, "svg"), alt: "" });
      label.append(radio, picture, look.label);
      return label;
    }),
  );
};

export default function ({ data, parentElement }) {
  const part = (selector) => parentElement.querySelector(selector);
  const chosen = () => {
    const name = part("input:checked")?.value;
    return data.looks.find((look) => look.name === name) ?? data.looks[0];
  };
  parentElement.querySelectorAll("[data-word]").forEach((place) => {
    place.textContent = data.words[place.dataset.word];
  });
  drawLooks(part(".looks"), data.looks, chosen().name);
  part(".looks").onchange = () => {
    part(".said").textContent = "";
    fileOf(chosen()).catch(() => {});
  };
  let main = false;
  for (const [name, way] of Object.entries(WAYS)) {
    const button = part(`[data-way=${name}]`);
    button.hidden = !way.works();
    button.classList.toggle("main", !button.hidden && !main);
    main ||= !button.hidden;
    button.onclick = async () => {
      part(".said").textContent = "";
      try {
        part(".said").textContent = data.words[await way.go(chosen())] ?? "";
      } catch (error) {
        // Who closes the sheet again has changed their mind.
        if (error.name !== "AbortError") part(".said").textContent = data.words.missing;
      }
    };
  }
  fileOf(chosen()).catch(() => {});
  return () => fetched.clear();
}
