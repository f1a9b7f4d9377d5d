import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { app, node } from '../../../repositories/repository.ts'
import { folderWith, init } from './terminal.ts'

const web = { 'web/Dockerfile': node(), 'web/server.js': '' }
const chart = { 'chart/Chart.yaml': 'name: web\n', 'chart/templates/web.yaml': app('web') }
const yes = 'y\r'
const write = 'Write this to platform.config.ts?'

/** Repositories that leave something open, with the question, an answer, and the flags that say the same. */
const repositories = [
  {
    about: 'manifests in two folders',
    files: { ...web, 'k8s/web.yaml': app('web'), 'k8s/db.yaml': app('db', 'redis'), 'live/web.yaml': app('web') },
    question: 'Several places deploy Deployment web. Which one do you want?',
    answers: ['k8s (manifests)', 'live (manifests)'],
    same: { manifests: ['k8s/db.yaml', 'live/web.yaml'] },
    settles: /^\/\/ live\/web\.yaml would deploy/m,
  },
  {
    about: 'a chart beside manifests',
    files: { ...web, ...chart, 'k8s/web.yaml': app('web') },
    question: 'Several places deploy Deployment web. Which one do you want?',
    answers: ['k8s (manifests)', 'chart (Helm chart)'],
    same: { chart: ['chart'] },
    settles: /^\/\/ chart would deploy/m,
  },
  {
    about: 'overlays on one base',
    files: {
      ...web,
      'k8s/base/kustomization.yaml': 'resources: [web.yaml]\n',
      'k8s/base/web.yaml': app('web'),
      'k8s/overlays/dev/kustomization.yaml': 'resources: [../../base]\n',
      'k8s/overlays/staging/kustomization.yaml': 'resources: [../../base]\n',
      'k8s/overlays/production/kustomization.yaml': 'resources: [../../base]\n',
    },
    question: 'Several kustomizations share a base. Which one do you want to deploy?',
    answers: ['k8s/overlays/dev', 'k8s/overlays/staging', 'k8s/overlays/production'],
    same: { kustomize: ['k8s/overlays/staging'] },
  },
  {
    about: 'several files of values',
    files: { ...web, ...chart, 'chart/values.yaml': '', 'chart/values-prod.yaml': '', 'chart/values-qa.yaml': '' },
    question: 'Which values does the chart chart take for development?',
    answers: ['chart/values.yaml alone', 'chart/values-qa.yaml', 'chart/values-prod.yaml'],
    same: { values: ['chart/values-qa.yaml'] },
  },
  {
    about: 'two Dockerfiles of one name',
    files: { ...web, 'k8s/web.yaml': app('web'), 'old/web/Dockerfile': node(), 'old/web/server.js': '' },
    question: 'Which Dockerfile builds the image web?',
    answers: ['web/Dockerfile', 'old/web/Dockerfile'],
    same: { image: ['web=old/web/Dockerfile'] },
  },
  {
    about: 'two Dockerfiles with a stage of one name',
    files: {
      'node/Dockerfile': 'FROM node:22 AS base\nCOPY . .\nFROM base AS web\nCMD ["node", "a.js"]\n',
      ...{ 'node/a.js': '', 'go/main.go': '', 'k8s/web.yaml': app('web', 'shop/web') },
      'go/Dockerfile': 'FROM golang:1.24 AS build\nCOPY . .\nFROM scratch AS web\nCOPY --from=build /app /app\n',
    },
    question: 'Which Dockerfile builds the image shop/web?',
    answers: ['go/Dockerfile', 'node/Dockerfile'],
    same: { image: ['shop/web=node/Dockerfile'] },
  },
  {
    about: 'a Dockerfile with the name of an image that others publish',
    files: { ...web, 'redis/Dockerfile': node(), 'k8s/web.yaml': app('web'), 'k8s/redis.yaml': app('redis') },
    question: 'Which Dockerfile builds the image redis?',
    answers: ['none: use the image that others publish', 'redis/Dockerfile'],
    same: { image: ['redis=redis/Dockerfile'] },
    settles: /^\/\/ redis\/Dockerfile may build redis/m,
  },
  {
    about: 'images whose names say nothing',
    files: {
      ...{ ...web, 'one/Dockerfile': node(), 'two/Dockerfile': node(), 'k8s/web.yaml': app('web', 'acme/web') },
      'k8s/red.yaml': app('red', 'acme/red'),
    },
    question: 'Which Dockerfile builds the image acme/red?',
    answers: ['none: use the image as it is', 'one/Dockerfile', 'two/Dockerfile'],
    same: { image: ['acme/red=one/Dockerfile'] },
    settles: /^\/\/ No Dockerfile seems to build/m,
  },
] as const

test.each(repositories)('devk init asks about $about, and Enter takes the guess', async ({ files, ...wanted }) => {
  const { code, questions, shown, text } = await init(files, ['\r', yes])
  expect([code, questions]).toEqual([0, [wanted.question, write]])
  for (const [i, answer] of wanted.answers.entries()) expect(shown).toContain(`  ${i + 1}  ${answer}\n`)
  const guessed = await init(files, [], { yes: true })
  const settles = 'settles' in wanted ? wanted.settles : /^no line/m
  const without = (guessed.text ?? '').replace(new RegExp(`${settles.source}(.*\n)(//.*\n)?`, 'm'), '')
  expect(text?.replace(/\n+/g, '\n')).toBe(without.replace(/\n+/g, '\n'))
})

test.each(repositories)('another answer about $about counts as its flags', async ({ files, same }) => {
  const { text, left } = await init(files, ['2\r', yes])
  const flagged = await init(files, [], { yes: true, flags: same })
  expect(flagged.questions).toEqual([])
  expect([text, left]).toEqual([flagged.text, []])
})

test.each(repositories)('nobody is asked about $about whose flags say it', async ({ files, same }) => {
  const { questions } = await init(files, [yes], { flags: same })
  expect(questions).toEqual([write])
})

const [{ files }] = repositories

test.each([{ isTTY: false }, { yes: true }, { json: true }])('with %j devk init never asks', async (over) => {
  const { code, shown, text } = await init(files, [], over)
  expect([code, shown]).toEqual([0, ''])
  expect(text).toContain('// live/web.yaml would deploy Deployment web too.')
})

test('--analyze never asks', async () => {
  const { code, shown, text } = await init(files, [], { flags: { analyze: true } })
  expect([code, shown, text]).toEqual([0, '', undefined])
})

test('Ctrl-C at a question writes nothing', async () => {
  await expect(init(files, ['\u0003'])).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
  await expect(init(files, ['2\r', '\u0003'])).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 })
})

test.each([
  [['2\r', '2\r', yes], "manifests: ['live', 'store']"],
  [['2\r', '1\r', yes], "manifests: ['k8s/web.yaml', 'store']"],
  [['1\r', '2\r', yes], "manifests: ['k8s/db.yaml', 'live']"],
])('independent variants are asked for one by one: %j', async (keys, deployed) => {
  const stores = { 'k8s/db.yaml': app('db', 'redis'), 'store/db.yaml': app('db', 'valkey/valkey') }
  const independent = { ...web, ...stores, 'k8s/web.yaml': app('web'), 'live/web.yaml': app('web') }
  const { questions, text, shown, left } = await init(independent, keys)
  expect(questions).toEqual([
    'Several places deploy Deployment db. Which one do you want?',
    'Several places deploy Deployment web. Which one do you want?',
    write,
  ])
  expect(shown).toContain('k8s/web.yaml (manifests)')
  expect([text, left]).toEqual([expect.stringContaining(deployed), []])
  expect(text).not.toMatch(/would deploy Deployment/)
})

test('an answer may open another question', async () => {
  const more = { ...files, ...chart, 'chart/values-qa.yaml': '' }
  const { questions, text } = await init(more, ['3\r', '2\r', yes])
  expect(questions.slice(1)).toEqual(['Which values does the chart chart take for development?', write])
  expect(text).toContain("values: ['chart/values-qa.yaml']")
})

/** script(1) runs a command on a terminal. */
const terminal = 'script'
const main = fileURLToPath(new URL('../../../../src/cli/main.ts', import.meta.url))

test('on a real terminal Ctrl-C at a question ends devk with 130, and nothing is written', async () => {
  const cwd = folderWith(files)
  const command = `'${process.execPath}' '${main}' init`
  const env = { ...process.env, HOME: dirname(cwd), XDG_STATE_HOME: dirname(cwd), CI: '', TERM: 'xterm' }
  const child = spawn(terminal, ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], { cwd, env })
  let shown = ''
  child.stdout.on('data', (chunk) => {
    if (!shown.includes('Number [1]:') && `${shown}${chunk}`.includes('Number [1]:')) child.stdin.write('\u0003')
    shown += chunk
  })
  const [exitCode] = await once(child, 'close')
  expect([exitCode, shown]).toEqual([130, expect.stringContaining('Which one do you want?')])
  expect(shown).not.toContain('Internal error')
  expect(readdirSync(cwd).sort()).toEqual(['k8s', 'live', 'web'])
}, 60_000)
