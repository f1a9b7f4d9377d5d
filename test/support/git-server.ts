import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Files by their paths; a text that starts with `link:` is a symbolic link to the rest. */
export type GitFiles = Readonly<Record<string, string>>

/** A Git repository behind HTTP on loopback, served by git itself. */
export interface GitServer {
  /** http://127.0.0.1:PORT/app.git */
  readonly url: string
  /** Commits these files, in place of all earlier ones, on the main branch. Returns the commit. */
  commit(files: GitFiles): Promise<string>
  git(...args: string[]): string
  /** Ends the server; the files go too. */
  close(): Promise<void>
}

/** Starts a server of a repository with one commit. */
export async function gitServer(files: GitFiles): Promise<GitServer> {
  const top = await mkdtemp(join(tmpdir(), 'devk-git-'))
  const work = join(top, 'app.git')
  await mkdir(work)
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgSign=false']
    const done = spawnSync('git', [...identity, ...args], { cwd: work, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`git ${args.join(' ')}: ${done.stderr}`)
    return done.stdout.trim()
  }
  git('init', '--quiet', '--initial-branch=main')
  git('config', 'http.receivepack', 'false')
  const commit = async (content: GitFiles) => {
    git('rm', '-rf', '--quiet', '--ignore-unmatch', '.')
    for (const [name, text] of Object.entries(content)) {
      await mkdir(dirname(join(work, name)), { recursive: true })
      if (text.startsWith('link:')) spawnSync('ln', ['-s', text.slice('link:'.length), join(work, name)])
      else await writeFile(join(work, name), text)
    }
    git('add', '--all')
    git('commit', '--quiet', '--message=A commit')
    return git('rev-parse', 'HEAD')
  }
  await commit(files)
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH,
        GIT_PROJECT_ROOT: top,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'],
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'],
        GIT_PROTOCOL: request.headers['git-protocol'] as string | undefined,
      },
    })
    request.pipe(child.stdin)
    const parts: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => parts.push(part))
    child.on('close', () => {
      const answer = Buffer.concat(parts)
      const end = answer.indexOf('\r\n\r\n')
      const headers = answer.subarray(0, end).toString().split('\r\n')
      for (const header of headers) {
        const [name = '', value = ''] = header.split(/: (.*)/s)
        if (name === 'Status') response.statusCode = Number.parseInt(value, 10)
        else response.setHeader(name, value)
      }
      response.end(answer.subarray(end + 4))
    })
  })
  const port = await listening(server)
  return {
    url: `http://127.0.0.1:${port}/app.git`,
    commit,
    git,
    async close() {
      server.closeAllConnections()
      server.close()
      await rm(top, { recursive: true, force: true })
    },
  }
}

/** A port of 127.0.0.1 on which the server listens from now on. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
