import { oneOf } from '../../lib/one-of.ts'
import { scriptReload } from './node.ts'
import { nodeWatches, type Program, type Reload, watcherIn } from './program.ts'

/** Programs that only start another one. */
const wrappers = oneOf(
  `dumb-init (/sbin/|/usr/bin/)?tini -- exec opentelemetry-instrument ddtrace-run npx bunx pnpx bundle poetry pipenv
  uv`,
)

/** How a program takes up changed files; undefined if it does not, or if that cannot be told. */
export async function reloadOf(program: Program): Promise<Reload | undefined> {
  const { words, needsShell } = program
  const at = words.findIndex((word, i) => !wrappers.test(word) && !(/^(exec|run)$/.test(word) && i > 0))
  const name = (words[at] ?? '').split('/').at(-1) ?? ''
  const line = words.join(' ')
  const watches = watcherIn(line)
  if (watches !== undefined) return { reason: `${watches} reloads on changes.` }
  const served = servedFiles(program)
  if (served !== undefined) return served
  const extended = needsShell ? undefined : withFlag(name, program)
  if (extended !== undefined) return extended
  if (/^(npm|yarn|pnpm)$/.test(name)) return scriptReload(program, words.slice(at))
  // The image may know turbo only through npx.
  if (name === 'turbo')
    return scriptReload(program, words.slice(/^(npx|pnpx|bunx)$/.test(words[at - 1] ?? '') ? at - 1 : at))
  if (/^python[\d.]*$/.test(name)) return pythonReload(program, words.slice(at + 1))
  if (/^ruby$|^rackup$/.test(name)) return rubyReload(program, words.slice(at + 1))
  return undefined
}

/** Servers that read each file when it is asked for. */
function servedFiles({ words, base, runs, env }: Program): Reload | undefined {
  const line = words.join(' ')
  const image = base.split('/').at(-1) ?? ''
  if (/^php\b/.test(image) && (words.length === 0 || /apache2-foreground|php-fpm|php -S/.test(line))) {
    const cached = runs.some((run) => /validate_timestamps\s*=\s*0/.test(run))
    return cached ? undefined : { reason: 'PHP reads each file when it is asked for.' }
  }
  if (/^(nginx|httpd|caddy)\b/.test(image))
    return { reason: `${image.split(':')[0]} reads each file when it is asked for.` }
  const isRails = /(^|[\s/])rails (s|server)\b/.test(line) && !/production/.test(`${env.RAILS_ENV ?? ''} ${line}`)
  return isRails ? { reason: 'Rails reloads code in development.' } : undefined
}

/** Programs that reload with one more argument. */
function withFlag(name: string, { words, base }: Program): Reload | undefined {
  if (/^(uvicorn|gunicorn|fastapi)$/.test(name) && !words.includes('--preload')) {
    return { command: [...words, '--reload'], reason: `${name} --reload restarts on changes.` }
  }
  if (name === 'flask' && words.includes('run')) return flask
  const at = words.findIndex((word) => /(^|\/)node$/.test(word))
  // What follows the program are its own arguments.
  const main = words.find(
    (word, i) => /\.(c|m)?js$/.test(word) && !/^(-r|--(require|import|loader))$/.test(words[i - 1] ?? ''),
  )
  if (name === 'node' && nodeWatches(base) && main !== undefined && !/(^|\/)(dist|build|out)\//.test(main)) {
    return {
      command: [...words.slice(0, at + 1), '--watch', ...words.slice(at + 1)],
      reason: 'node --watch restarts on changes.',
    }
  }
  if (name === 'tsx' || name === 'bun') {
    const tool = words.indexOf(name)
    const flag = name === 'tsx' ? 'watch' : '--watch'
    return {
      command: [...words.slice(0, tool + 1), flag, ...words.slice(tool + 1)],
      reason: `${name} ${flag} restarts on changes.`,
    }
  }
  return undefined
}

const flask: Reload = { env: { FLASK_DEBUG: '1' }, reason: 'FLASK_DEBUG lets Flask reload on changes.' }

async function pythonReload({ text }: Program, args: readonly string[]): Promise<Reload | undefined> {
  if (args[0] === '-m' && args[1] === 'flask') return flask
  const file = args.find((arg) => /\.py$/.test(arg))
  if (file === undefined) return undefined
  const code = await text(file)
  if (/\b(debug|use_reloader|reload)\s*=\s*True\b/.test(code)) return { reason: `${file} reloads on changes.` }
  const isFlask = /^\s*(from|import)\s+flask\b/im.test(code) && /\.run\(/.test(code) && !/\bdebug\s*=/.test(code)
  return isFlask ? flask : undefined
}

async function rubyReload({ text }: Program, args: readonly string[]): Promise<Reload | undefined> {
  const file = args.find((arg) => /\.r[bu]$/.test(arg)) ?? 'config.ru'
  return /sinatra\/reloader|Rack::Reloader/.test(await text(file))
    ? { reason: `${file} reloads on changes.` }
    : undefined
}
