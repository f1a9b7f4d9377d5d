/** How well a pitch fits a gig, 0 to 100: the share of the title's words that the pitch takes up. */
export function score(title, pitch) {
  const words = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])
  const wanted = words(title)
  const said = words(pitch)
  const met = [...wanted].filter((word) => said.has(word)).length
  return wanted.size === 0 ? 0 : Math.round((100 * met) / wanted.size)
}
