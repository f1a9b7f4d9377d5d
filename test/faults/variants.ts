/** A devk with one deliberate mistake, which a row of the campaign must notice. */
export interface Variant {
  /** What is wrong with it. */
  readonly mistake: string
  /** File below `src`. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly from: string
  readonly to: string
  /** The row that notices it. */
  readonly row: string
}

/** The variants. `scripts/fault-variants.ts` runs them. */
export const variants: readonly Variant[] = [
  {
    mistake: 'a label is enough to be an object of the project',
    file: 'stack/observed.ts',
    from: ' && applied === true && controlled',
    to: ' && applied !== null && controlled',
    row: 'histories',
  },
  {
    mistake: 'kinds are not recorded, so that a later devk does not find their objects',
    file: 'stack/inventory.ts',
    from: 'if (!kinds.has(key)) kinds.set(key, { apiVersion, kind })',
    to: 'if (kinds.has(key)) kinds.set(key, { apiVersion, kind })',
    row: 'histories',
  },
  {
    mistake: 'what is no longer wanted stays',
    file: 'stack/compare.ts',
    from: '...lastFirst.map((object) => removed(object, options))',
    to: '...lastFirst.slice(1).map((object) => removed(object, options))',
    row: 'histories',
  },
  {
    mistake: 'up deletes volume claims and definitions that are no longer wanted',
    file: 'stack/compare.ts',
    from: 'if (holder === undefined || pruneData)',
    to: 'if (holder !== null || pruneData)',
    row: 'histories',
  },
  {
    mistake: 'a headless Service stays headless',
    file: 'stack/compare.ts',
    from: "return from?.clusterIP === 'None' &&",
    to: "return from?.clusterIP === 'never' &&",
    row: 'histories',
  },
  {
    mistake: 'fields that cannot change are not noticed',
    file: 'stack/deploy.ts',
    from: 'await checkUpdates(plan, observed, { kube, signal })',
    to: '(await checkUpdates(plan, observed, { kube, signal })) && plan',
    row: 'histories',
  },
  {
    mistake: 'a namespace is deleted with what others have in it',
    file: 'stack/deletion/inhabitants.ts',
    from: 'if (namespaces.length === 0) return new Map()',
    to: 'if (namespaces.length >= 0) return new Map()',
    row: 'histories',
  },
  {
    mistake: 'a copy of an object with its labels counts as the own one',
    file: 'stack/observed.ts',
    from: 'return isOfProject && metadata',
    to: 'return isOfProject || metadata',
    row: 'histories',
  },
  {
    mistake: 'an object whose content changed counts as current',
    file: 'stack/switched.ts',
    from: 'return same && switchedOf',
    to: 'return (same || true) && switchedOf',
    row: 'histories',
  },
  {
    mistake: 'an object of somebody else is taken over',
    file: 'stack/compare.ts',
    from: "if (existing.kind === 'Namespace')",
    to: 'if (existing.kind !== undefined)',
    row: 'histories',
  },
  {
    mistake: 'an object is deleted by its name, whoever has it by now',
    file: 'kube/client/client.ts',
    from: 'preconditions: { uid }, ',
    to: '',
    row: 'histories',
  },
  {
    mistake: 'the inventory is written only after the objects',
    file: 'stack/inventory.ts',
    from: 'if (stored.key && stored.kinds === kinds.length) return inventory',
    to: 'if (stored.key || stored.kinds < kinds.length) return inventory',
    row: 'kills',
  },
  {
    mistake: 'manifests are read as YAML 1.2',
    file: 'lib/yaml.ts',
    from: "version: '1.1',\n    schema: 'yaml-1.1'",
    to: "version: '1.2',\n    schema: 'core'",
    row: 'inputs',
  },
  {
    mistake: 'a merge of what is no mapping ends devk',
    file: 'lib/yaml.ts',
    from: "key.source === '<<' && key.type",
    to: "key.source === '<' && key.type",
    row: 'inputs',
  },
  {
    mistake: 'a program that devk has started outlives it',
    file: 'exec/descendants.ts',
    from: 'if (running.get(pid) !== started) continue',
    to: 'if (running.get(pid) !== null) continue',
    row: 'signals',
  },
  {
    mistake: 'what is no longer wanted is deleted before the new pods are ready',
    file: 'stack/converge.ts',
    from: '    await applyInStages(all)\n',
    to: "    await applyInStages(all)\n    await deleteObjects(deletionsInOrder(input.plan, input.observed).last, { ...deleting(input.project, deps), until: 'custom' })\n",
    row: 'signals',
  },
  {
    mistake: 'the second signal does not end devk at once',
    file: 'cli/launch.ts',
    from: 'if (controller.signal.aborted) process.exit(130)',
    to: 'if (controller.signal.aborted) return',
    row: 'signals',
  },
  {
    mistake: 'two devk work at once on a project',
    file: 'state/lock.ts',
    from: 'if (database === undefined) return undefined',
    to: 'if (database === undefined) return { release: async () => {} }',
    row: 'several',
  },
  {
    mistake: 'dev does not tell that the API server is gone',
    file: 'up/live/health.ts',
    from: '? { ...last, answers: false } : last',
    to: '? { ...last, answers: true } : last',
    row: 'engine',
  },
  {
    mistake: 'what a node that has stopped to report said last is believed',
    file: 'kube/freshness.ts',
    from: 'ms > renewalMs + graceMs',
    to: 'ms > 100 * renewalMs + graceMs',
    row: 'engine',
  },
  {
    mistake: 'an engine that does not answer is waited for',
    file: 'engine/answered.ts',
    from: 'return await Promise.race([call, lost.promise])',
    to: 'return await call',
    row: 'engine',
  },
  {
    mistake: 'a full disk is told as a defect of devk',
    file: 'state/files.ts',
    from: "return code === 'ENOSPC' || code === 'EDQUOT'",
    to: "return code === 'EDQUOT'",
    row: 'disk',
  },
  {
    mistake: 'the state is written in place, so that a full disk or a kill leaves half of it',
    file: 'state/files.ts',
    from: 'await replace(file, text)\n',
    to: "await open(file, 'w').then((handle) => handle.writeFile(text).finally(() => handle.close()))\n",
    row: 'disk',
  },
  {
    mistake: 'the inventory is written only after the objects',
    file: 'stack/inventory.ts',
    from: 'if (stored.key && stored.kinds === kinds.length) return inventory',
    to: 'if (stored.key || stored.kinds < kinds.length) return inventory',
    row: 'kills-real',
  },
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
