import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withoutComments } from '../../../src/readers/devcontainer/comments.ts'
import { readDevcontainer } from '../../../src/readers/devcontainer/devcontainer.ts'
import { repository } from './repository.ts'

const file = '.devcontainer/devcontainer.json'
const read = (text: string, at = file) => readDevcontainer(repository({ [at]: text }))

test('a service of Compose: ports, the command that starts it, and what devk does not take over', () => {
  const { services, open } = read(`// For the editor
{
\t"dockerComposeFile": ["../compose.yaml", "compose.yaml"],
\t"service": "web", /* the program */
\t"forwardPorts": [3000, "9229", "db:5432", "localhost:8080", 99999, "x"],
\t"postStartCommand": { "git": "git config a b", "server": ["npm", "run", "dev"] },
\t"remoteEnv": { "TOKEN": "\${localEnv:TOKEN}", "URL": "http://a//b" },
}`)
  expect(services).toEqual([
    { place: { file, line: 4 }, name: 'web', ports: ['3000', '9229', '8080'], command: ['npm', 'run', 'dev'] },
    { place: { file, line: 5 }, name: 'db', ports: ['5432'] },
  ])
  expect(open).toEqual([
    {
      place: { file, line: 6 },
      message: 'devk does not run postStartCommand: git config a b',
      isRemark: true,
    },
    {
      place: { file, line: 7 },
      message: 'remoteEnv sets TOKEN, URL. What a service needs of them belongs under its env.',
      isRemark: true,
    },
  ])
})

test('a container from a Dockerfile of the repository', () => {
  const build = `{ "dockerfile": "../web/Dockerfile", "context": "../web", "target": "dev", "args": { "A": "b", "C": "\${x}" } }`
  expect(read(`{ "build": ${build}, "appPort": ["9000:3000"] }`).services).toEqual([
    {
      place: { file, line: 1 },
      build: { context: 'web', dockerfile: 'web/Dockerfile', target: 'dev', args: { A: 'b' } },
      ports: ['9000:3000'],
    },
  ])
})

test.each([
  [
    '{ "image": "node:24", "forwardPorts": [3000] }',
    ['No service of the manifests is this container. Its ports may belong to one of them.'],
  ],
  [
    '{ "build": { "dockerfile": "Dockerfile" }, "postAttachCommand": "yarn dev" }',
    ['No service of the manifests is this container. Its command may belong to one of them.'],
  ],
  ['{ "image": "node:24" }', []],
])('a container for the editor is no service: %s', (text, messages) => {
  const { services, open } = read(text)
  expect([services, open.map(({ message }) => message)]).toEqual([[], messages])
})

test.each(['.devcontainer.json', '.devcontainer/api/devcontainer.json', 'api/.devcontainer/devcontainer.json'])(
  'the file may be %s',
  (at) => {
    expect(read('{ "service": "api", "forwardPorts": [80] }', at).services).toMatchObject([
      { name: 'api', ports: ['80'] },
    ])
  },
)

test('what cannot be read is an open point with its line', () => {
  expect(read('{\n  "service": [\n').open).toMatchObject([{ place: { file }, message: /^devk cannot read it: / }])
})

const comment = fc.constantFrom(' ', '\t', '\n', '// "a": 1 /*\n', '/* // " \n * */', '/**/')

test('comments, tabs and commas at the end change no value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), comment, comment, (value, before, between) => {
      const text = JSON.stringify(value, null, '\t').replace(/\n/g, () => `\n${between}`)
      expect(JSON.parse(withoutComments(before + text))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('every value stays on its line and in its column', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const plain = withoutComments(text)
      expect(plain.length).toBe(text.length)
      expect(plain.split('\n').length).toBe(text.split('\n').length)
    }),
  )
})

test('whatever stands in the file, it is read', () => {
  const keys = 'service dockerComposeFile forwardPorts appPort build dockerFile postStartCommand remoteEnv image'.split(
    ' ',
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (value) => {
      for (const { ports = [], place } of read(JSON.stringify(value)).services) {
        expect(place.line).toBe(1)
        for (const port of ports) expect(port).toMatch(/^\d{1,5}(:\d{1,5})?$/)
      }
    }),
  )
  fc.assert(fc.property(fc.string(), (text) => void read(text)))
})
