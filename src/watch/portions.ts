import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'

/**
 * Divides the tree below `root` into portions of about `size` entries, so that they can be read one after the other. A
 * portion is a list of folders; each stands for everything below it that is in no earlier portion. No folder of a
 * portion contains another one of it. The last portion is the root. Folders that cannot be read count as empty.
 */
export async function portions(
  root: string,
  size: number,
  ignored: (folder: string) => boolean,
  onOddName: (path: string) => void = () => {},
): Promise<readonly (readonly string[])[]> {
  const out: string[][] = []
  let open: string[] = []
  let filled = 0
  const cut = (path: string, total: number) => {
    const nested = open.some((other) => other.startsWith(path + sep))
    if (open.length > 0 && (nested || filled + total > size)) {
      out.push(open)
      open = []
      filled = 0
    }
    open.push(path)
    filled += total
  }
  const measure = async (folder: string): Promise<number> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    const below: { path: string; total: number }[] = []
    for (const entry of entries) {
      const path = join(folder, entry.name)
      // Node shows bytes that are not UTF-8 as this character, and then no call reaches the file.
      if (entry.name.includes('\uFFFD') && !existsSync(path)) onOddName(path)
      if (entry.isDirectory() && !ignored(path)) below.push({ path, total: await measure(path) })
    }
    let total = entries.length + below.reduce((sum, child) => sum + child.total, 0)
    // Cutting off the largest folders first needs the fewest portions.
    for (const child of below.sort((a, b) => b.total - a.total)) {
      if (total <= size) break
      cut(child.path, child.total)
      total -= child.total
    }
    return total
  }
  await measure(root)
  return [...out, ...(open.length > 0 ? [open] : []), [root]]
}
