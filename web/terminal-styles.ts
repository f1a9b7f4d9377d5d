/**
 * Lets xterm.js 6.0.0 work without `style-src 'unsafe-inline'`. It writes style sheets as the text of `<style>`, and
 * colours as attributes, which the policy of the page refuses as it refuses those of markup. From now on a `<style>`
 * that a script of the page creates stands for a constructed style sheet, and the attribute of a `<span>` is set as a
 * property: the policy allows both, because no markup leads to them. The option `documentOverride` of xterm.js cannot
 * do this: its rows and its scroll bar take the document of the page all the same (DomRenderer.ts,
 * CoreBrowserTerminal.ts).
 */
export function styleByScript(document: Document): void {
  if (Object.hasOwn(document, 'createElement')) return
  const create = Document.prototype.createElement.bind(document)
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    if (name === 'style') return constructedSheet(document, create('span'))
    const element = create(name, options)
    if (name === 'span') element.setAttribute = setAttribute
    return element
  }
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === 'style') this.style.cssText = value
  else Element.prototype.setAttribute.call(this, name, value)
}

/** An element without a look that stands for a style sheet: its text is that of the sheet, until it is removed. */
function constructedSheet(document: Document, element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet()
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  element.hidden = true
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text), get: () => '' })
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet)
    Element.prototype.remove.call(element)
  }
  return element
}
