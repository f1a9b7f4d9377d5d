import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The files of a build context that BuildKit leaves out for a `.dockerignore` of this text. Throws what BuildKit says. */
export async function ignoredByBuildKit(text: string, files: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'devk-faults-'))
  const [context, output, dockerfile] = ['context', 'output', 'Dockerfile'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  try {
    for (const file of files) {
      await mkdir(dirname(join(context, file)), { recursive: true })
      await writeFile(join(context, file), '')
    }
    await writeFile(dockerfile, 'FROM scratch\nCOPY . /\n')
    await writeFile(`${dockerfile}.dockerignore`, text)
    await run('docker', ['buildx', 'build', '--quiet', '--file', dockerfile, '--output', output, context])
    const entries = await readdir(output, { recursive: true })
    const sent = new Set(entries)
    return files.filter((file) => !sent.has(file))
  } finally {
    await rm(folder, { recursive: true })
  }
}
