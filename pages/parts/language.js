// Tells the browser which language the page is in, for screen readers, fonts and hyphens.

export default function ({ data }) {
  document.documentElement.lang = data.language;
}
