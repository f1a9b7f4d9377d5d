import { posix } from 'node:path'

const isPage = (path) => /^(README|docs\/.*)\.md($|#)/.test(path)

/** A plugin of markdown-it. Braces in code between single backticks are text, not an expression of Vue. */
export function plainCode(markdown) {
  markdown.core.ruler.push('plain-code', ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'code_inline') token.attrSet('v-pre', '')
    }
  })
}

/**
 * A plugin of markdown-it. A link to a file of the repository that is no page of the site leads to the file where the
 * repository is shown. Where that is not known, the link becomes its text.
 * @param source e.g. https://github.com/OWNER/devk/blob/COMMIT
 */
export function linksToSource(markdown, source) {
  markdown.core.ruler.push('links-to-source', ({ tokens, env }) => {
    for (const { children } of tokens) {
      for (const [index, token] of children?.entries() ?? []) {
        if (token.type !== 'link_open') continue
        const target = sourceFile(token.attrGet('href'), env.relativePath)
        if (target === undefined) continue
        if (source) token.attrSet('href', `${source}/${target}`)
        else unlink(children, index)
      }
    }
  })
}

/** @returns the path in the repository, undefined for links to pages and to other sites */
function sourceFile(href, from) {
  if (/^([a-z]+:|#)/.test(href)) return undefined
  const path = posix.join(posix.dirname(from === 'index.md' ? 'README.md' : from), href)
  return isPage(path) ? undefined : path
}

function unlink(tokens, open) {
  const close = tokens.findIndex(({ type }, index) => index > open && type === 'link_close')
  for (const index of [open, close]) Object.assign(tokens[index], { type: 'text', tag: '', content: '', nesting: 0 })
}
