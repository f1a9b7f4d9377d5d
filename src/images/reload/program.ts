/** How a program takes up changed files. */
export interface Reload {
  /** The command that does; undefined: the one of the image does by itself. */
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Why, as a sentence. */
  readonly reason: string
}

/** What a container runs, and the files of the repository by which to judge it. */
export interface Program {
  readonly words: readonly string[]
  readonly needsShell: boolean
  /** The image below: `node:24-alpine`. */
  readonly base: string
  /** RUN lines of the Dockerfile. */
  readonly runs: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** The text of a file below the working folder of the container; '' if it is not known. */
  text(file: string): Promise<string>
  /** The names of the folders in a folder below it. */
  folders(folder: string): Promise<readonly string[]>
}

/** Programs that watch their files, each as a pattern. */
const watchers = [
  'nodemon',
  'ts-node-dev',
  'tsx watch',
  'node --watch',
  'next dev',
  'vite(?! (?:build|preview))',
  'react-scripts start',
  'vue-cli-service serve',
  'ng serve',
  'webpack-dev-server',
  'webpack serve',
  'nuxt dev',
  'astro dev',
  'nest start (?:--watch|-w)',
  'bun --(?:watch|hot)',
  'deno run --watch',
  'air',
  'CompileDaemon',
  'dotnet watch',
  'cargo watch',
  'rerun',
  'shotgun',
  'mix phx.server',
  'quarkus:dev',
  'manage.py runserver(?!.*--noreload)',
  '(?:uvicorn|gunicorn|fastapi) .*--reload',
  'fastapi dev',
  'flask .*--debug',
  'watchmedo',
  'artisan serve',
].join('|')

/** A program in a command line that watches its files. Pure. */
export function watcherIn(line: string): string | undefined {
  return new RegExp(`(?:^|[\\s/])(${watchers})(?:\\s|$)`).exec(line)?.[1]
}

/** Whether the Node of an image has `--watch`, as the last releases of 18 do. Pure. */
export function nodeWatches(base: string): boolean {
  const image = base.split('/').at(-1) ?? ''
  const [, version] = /^node:(\d+)/.exec(image) ?? []
  return /^node\b/.test(image) ? version === undefined || Number(version) >= 18 : false
}
