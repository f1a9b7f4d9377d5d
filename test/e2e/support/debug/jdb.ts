import { spawn } from 'node:child_process'

/** A client of the Java Debug Wire Protocol: the debugger of the JDK. */
export interface Jdb {
  /** Types a line. */
  say(line: string): void
  /** Resolves when it has written this since the last call. Rejects with all that it has written after a minute. */
  shows(pattern: RegExp): Promise<RegExpExecArray>
  /** Ends it, which leaves the program running. Resolves when it is gone. */
  quit(): Promise<void>
}

/** Attaches jdb of an image to a port of this machine, which needs no JDK then. */
export function attachJdb(image: string, port: number): Jdb {
  const options = ['run', '--rm', '--interactive', '--network', 'host']
  const child = spawn('docker', [...options, image, 'jdb', '-attach', `127.0.0.1:${port}`], { stdio: 'pipe' })
  const gone = new Promise<void>((resolve) => child.on('close', () => resolve()))
  let [written, seen] = ['', 0]
  const looks = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      written += chunk
      for (const look of looks) look()
    })
  }
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    shows: (pattern) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          looks.delete(look)
          reject(new Error(`jdb does not show ${pattern}: ${written}`))
        }, 60_000)
        const look = () => {
          const found = pattern.exec(written.slice(seen))
          if (found === null) return
          seen += found.index + found[0].length
          clearTimeout(late)
          looks.delete(look)
          resolve(found)
        }
        looks.add(look)
        look()
      }),
    async quit() {
      child.stdin.end('quit\n')
      await gone
    },
  }
}
