import { instructions } from './dockerfile.ts'

/**
 * The images in the FROM lines of a Dockerfile, without its own stages, `scratch`, and names with unknown variables.
 */
export function baseImages(dockerfile: string, args: Readonly<Record<string, string>>): string[] {
  const known = new Map<string, string>()
  const stages = new Set(['scratch'])
  const found = new Set<string>()
  for (const { keyword, text } of instructions(dockerfile)) {
    if (keyword === 'ARG') {
      const [name = '', fallback = ''] = text.split('=')
      known.set(name, args[name] ?? fallback.replace(/^["']|["']$/g, ''))
    }
    if (keyword !== 'FROM') continue
    const words = text.split(/\s+/).filter((word) => !word.startsWith('--'))
    const image = (words[0] ?? '').replace(/\$\{?(\w+)\}?/g, (whole, name) => known.get(name) || whole)
    if (!stages.has(image.toLowerCase()) && !image.includes('$')) found.add(image)
    if (/^as$/i.test(words[1] ?? '') && words[2] !== undefined) stages.add(words[2].toLowerCase())
  }
  return [...found]
}
