// Loaded into each Node process of devk by NODE_OPTIONS: adds the arguments of each program that it starts to a file, as other users of the
// machine could read them in /proc, and its environment to a second file.
import { ChildProcess } from 'node:child_process'
import { appendFileSync } from 'node:fs'

const { spawn } = ChildProcess.prototype
ChildProcess.prototype.spawn = function (options) {
  const record = process.env.ARGV_RECORD
  appendFileSync(record, `${JSON.stringify(options.args)}\n`)
  const variables = options.envPairs ?? Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
  appendFileSync(`${record}.environment`, `${JSON.stringify([options.args, variables])}\n`)
  return spawn.call(this, options)
}
