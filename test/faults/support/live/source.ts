import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Files that only the image has. No save may touch them. */
export const decoys = ['kept', 'a/kept'] as const

const dockerfile = `FROM busybox:1.37
COPY requirements.txt /requirements.txt
COPY app /app
COPY image /app
CMD ["sleep", "1000000"]
`

/** Writes the source of the service without its synced folder `app`. */
export async function writeSource(folder: string): Promise<void> {
  const files = {
    Dockerfile: dockerfile,
    'requirements.txt': 'first\n',
    ...Object.fromEntries(decoys.map((name) => [`image/${name}`, `${name} of the image\n`])),
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
}
