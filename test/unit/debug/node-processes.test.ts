import { expect, test } from 'vitest'
import {
  mainProcess,
  type NodeProcess,
  openInspector,
  ownInspector,
  parseReport,
} from '../../../src/debug/node-processes.ts'

const node = (pid: number, parent: number, more: Partial<NodeProcess> = {}): NodeProcess => ({
  ...{ pid, parent, argv: ['node'], options: '', worker: false, cwd: '/app', listens: [] },
  ...more,
})
const on = (port: number, loopback = false) => ({ listens: [{ port, loopback }] })

test.each<[string, NodeProcess[], number]>([
  ['the only one', [node(1, 0)], 1],
  ['the program of npm start', [node(1, 0, { argv: ['npm start'] }), node(18, 1, on(3000))], 18],
  ['the program of node --watch, which listens to nothing', [node(1, 0), node(9, 1)], 9],
  ['the server, not its helper', [node(1, 0, on(3000)), node(20, 1)], 1],
  ['the inner one of two that listen', [node(7, 1, on(4000)), node(8, 7, on(3000))], 8],
  ['a worker of a cluster, whose parent listens', [node(1, 0, on(3000)), node(9, 1, { worker: true })], 9],
  ['one that listens, not one whose inspector does', [node(1, 0, on(9229, true)), node(9, 0, on(3000))], 9],
  ['the first of several', [node(9, 0, on(3000)), node(4, 0, on(3001))], 4],
])('the process of the service is %s', (_name, processes, pid) => {
  expect(mainProcess(processes)?.pid).toBe(pid)
  expect(mainProcess([...processes].reverse())?.pid).toBe(pid)
})

test('parents that form a circle, as process IDs of two moments can, end the search', () => {
  expect(mainProcess([node(3, 4), node(4, 3)])).toBeUndefined()
  expect(mainProcess([])).toBeUndefined()
})

test.each<[string[], string, number | undefined]>([
  [['node', 'server.js'], '', undefined],
  [['node', '--inspect', 'server.js'], '', 9229],
  [['node', '--inspect=9300'], '', 9300],
  [['node', '--inspect-brk=0.0.0.0:9301'], '', 9301],
  [['node', '--inspect=[::]:9302'], '', 9302],
  [['node'], '--max-old-space-size=64 --inspect-wait=127.0.0.1:9303', 9303],
  [['node', '--inspector-gadget'], '', undefined],
])('the inspector that %j %j asks for is %s', (argv, options, port) => {
  expect(ownInspector({ argv, options })).toBe(port)
})

test('an inspector is open where its command says, or on the loopback address', () => {
  expect(openInspector(node(1, 0, on(9229, true)))).toBe(9229)
  expect(openInspector(node(1, 0, on(9231, true)))).toBe(9231)
  expect(openInspector(node(1, 0, on(9229, false)))).toBeUndefined()
  expect(openInspector(node(1, 0, on(8080, true)))).toBeUndefined()
  expect(openInspector(node(1, 0, { argv: ['node', '--inspect=0.0.0.0:7000'], ...on(7000) }))).toBe(7000)
})

test('a report is found among other output, and anything else is none', () => {
  expect(parseReport('Warning: x\ndevk:{"version":"v8.0.0","processes":[]}\n')?.version).toBe('v8.0.0')
  for (const text of ['', 'devk:{', 'devk:{"processes":3}', 'devk:[]', '{"processes":[]}']) {
    expect(parseReport(text)).toBeUndefined()
  }
})
