// Loaded into each Node process of devk by NODE_OPTIONS: writes a line for each process that it starts, for each connection and for each
// name that it looks up. It sees what Node itself does, whichever module asks for it. With the permission model of Node also for each file,
// process and worker that this model refuses.
import { createHook } from 'node:async_hooks'
import childProcess from 'node:child_process'
import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const watched = new Set(['PROCESSWRAP', 'TCPCONNECTWRAP', 'PIPECONNECTWRAP', 'GETADDRINFOREQWRAP'])
const note = (what) => writeSync(2, `recorded: ${what}\n`)
createHook({ init: (_id, type) => watched.has(type) && note(type) }).enable()
for (const name of ['spawnSync', 'execSync', 'execFileSync']) {
  const original = childProcess[name]
  childProcess[name] = (...args) => {
    note('PROCESSWRAP')
    return original(...args)
  }
}
syncBuiltinESMExports()
for (const kind of ['fs', 'child', 'worker', 'addon', 'wasi', 'inspector']) {
  subscribe(`node:permission-model:${kind}`, ({ permission, resource }) => note(`${permission} ${resource}`.trim()))
}
