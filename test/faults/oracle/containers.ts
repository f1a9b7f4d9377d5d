import { docker } from '../../support/docker.ts'
import { fileState, linkState, type Tree } from '../support/saves/tree.ts'

const tasks = '/run/containerd/io.containerd.runtime.v2.task/k8s.io'

/** Runs a shell script on a node in the folder `/app` of each of these containers. Gives the outputs by container. */
async function inEach(node: string, ids: readonly string[], script: string): Promise<Map<string, string>> {
  const one = `{ cd "/proc/$(cat ${tasks}/$id/init.pid)/root/app" && { ${script}; } && echo complete; } 2>/dev/null`
  const out = await docker('exec', node, 'sh', '-c', `for id in ${ids.join(' ')}; do echo "== $id"; ${one}; done; true`)
  const parts = out.split(/^== /m).slice(1)
  return new Map(
    parts.flatMap((part) => {
      const [id = '', ...lines] = part.trimEnd().split('\n')
      // Without its last line the container ended meanwhile.
      return lines.at(-1) === 'complete' ? [[id, lines.slice(0, -1).join('\n')] as const] : []
    }),
  )
}

/** The files below `/app` of running containers, as the node sees them. Containers that have ended are left out. */
export async function treesOf(node: string, ids: readonly string[]): Promise<Map<string, Tree>> {
  const list = `find . -mindepth 1 -printf '%y\\t%m\\t%P\\t%l\\n'; find . -type f -exec sha256sum -- {} +`
  const outputs = await inEach(node, ids, list)
  return new Map([...outputs].map(([id, output]) => [id, parsed(output)]))
}

function parsed(output: string): Tree {
  const [files, folders] = [new Map<string, string>(), new Set<string>()]
  const sums = new Map<string, string>()
  const modes = new Map<string, number>()
  for (const line of output.split('\n').filter((each) => each !== '')) {
    const [type = '', mode = '', path = '', target = ''] = line.split('\t')
    if (type === 'd') folders.add(path)
    else if (type === 'l') files.set(path, linkState(target))
    else if (type === 'f') modes.set(path, Number.parseInt(mode, 8))
    else {
      const [sum = '', name = ''] = line.split(/ {2}\.\//)
      sums.set(name, sum)
    }
  }
  for (const [path, mode] of modes) files.set(path, fileState(sums.get(path) ?? 'unread', mode))
  return { files, folders }
}

/** A file in a container: its content, and when it came to be so (wall clock, ms). */
export interface WrittenFile {
  readonly content: string
  readonly at: number
}

/** A file below `/app` in running containers. Without the file the value is undefined; ended containers are left out. */
export async function fileIn(
  node: string,
  ids: readonly string[],
  path: string,
): Promise<Map<string, WrittenFile | undefined>> {
  const outputs = await inEach(node, ids, `[ ! -e '${path}' ] || { stat -c %.9Z '${path}'; cat '${path}'; echo; }`)
  return new Map(
    [...outputs].map(([id, output]) => {
      const [time = '', ...content] = output.split('\n')
      return [id, output === '' ? undefined : { content: content.join('\n'), at: Number(time) * 1000 }]
    }),
  )
}
