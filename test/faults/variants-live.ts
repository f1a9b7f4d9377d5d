import type { Variant } from './support/variant.ts'

/** The variants that a row on the kind cluster notices. */
export const liveVariants: readonly Variant[] = [
  {
    mistake: 'a file counts as synced before it is written',
    file: 'loop/deliver.ts',
    from: 'const arrived = await toOne(target, files, upTo)',
    to: "report({ type: 'synced', service, files: files.map((each) => each.to), ms: 0, again: false })\nconst arrived = await toOne(target, files, upTo)",
    row: 'pods-gone',
  },
  {
    mistake: 'what is saved while devk looks at a burst is forgotten',
    file: 'watch/watch-tree.ts',
    from: 'const { changes, saved } = await settle(paths)',
    to: 'const { changes, saved } = await settle(paths).finally(() => suspects.clear())',
    row: 'saves',
  },
  {
    mistake: 'some deleted files are not deleted',
    file: 'sync/transfer.ts',
    from: 'await write(stream, operation.remove(file.to))',
    to: "if (!file.to.endsWith('.py')) await write(stream, operation.remove(file.to))",
    row: 'saves',
  },
  {
    mistake: 'a new container gets only what is saved after its start',
    file: 'sync/pending-tree.ts',
    from: 'const from = servedUpTo.get(containerId) ?? 0',
    to: 'const from = servedUpTo.get(containerId) ?? now - 1',
    row: 'saves',
  },
  {
    mistake: 'a forward closes connections that a dead pod did not accept',
    file: 'forward/forwarder.ts',
    from: '        reason = messageOf(error)',
    to: '        if (pod) throw error\n        reason = messageOf(error)',
    row: 'forwards',
  },
  {
    mistake: 'a forward does not wait for a pod that is ready',
    file: 'forward/forwarder.ts',
    from: 'options.holdMs ?? 30_000',
    to: 'options.holdMs ?? 300',
    row: 'forwards',
  },
  {
    mistake: 'a log loses lines when its stream is resumed',
    file: 'logs/resume.ts',
    from: 'undefined : new Date(floor * 1000)',
    to: 'undefined : new Date((floor + 2) * 1000)',
    row: 'logs',
  },
  {
    mistake: 'lines of a resumed log come twice',
    file: 'logs/resume.ts',
    from: 'if (left > 0) {',
    to: 'if (left > 1) {',
    row: 'logs',
  },
  {
    mistake: 'lines are dropped and not counted',
    file: 'logs/follow.ts',
    from: 'notice.dropped = (notice.dropped ?? 0) + 1',
    to: 'notice.dropped = 1',
    row: 'logs',
  },
]
