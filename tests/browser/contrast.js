// Texts of the page that are too faint for their ground: ["4.12 Some text"], by WCAG 2's contrast of at least 4.5:1, and
// 3:1 for large text. What is disabled, or lies on a picture, is left out.
() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = color;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return { rgb: [red, green, blue], alpha: alpha / 255 };
  };
  const over = (top, bottom) => top.rgb.map((value, i) => value * top.alpha + bottom[i] * (1 - top.alpha));
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ancestors = (element) => (element ? [...ancestors(element.parentElement), element] : []);
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    const box = element.getBoundingClientRect();
    if (!text || box.width < 2 || box.height < 2 || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest("[disabled], [aria-disabled=true], style, script, [data-testid=stIconMaterial]")) continue;
    const style = getComputedStyle(element);
    if (style.clipPath !== "none" || style.clip !== "auto") continue;
    let ground = [255, 255, 255];
    let opacity = 1;
    let onPicture = false;
    for (const ancestor of ancestors(element)) {
      const { backgroundColor, backgroundImage, opacity: own } = getComputedStyle(ancestor);
      ground = over(parse(backgroundColor), ground);
      opacity *= Number(own);
      onPicture ||= backgroundImage !== "none";
    }
    if (onPicture) continue;
    const color = parse(style.color);
    const lights = [ground, over({ rgb: color.rgb, alpha: color.alpha * opacity }, ground)].map(luminance);
    const ratio = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)} ${text.slice(0, 60)}`);
  }
  return faint;
}
