import { expect, test } from 'vitest'
import { readSecrets, secretObject } from '../../../../src/stack/desired/secrets.ts'
import { configOf } from '../support.ts'

const read = (files: Record<string, string>) => async (file: string) => files[file]

test('values come from the file, or from orElse if the file does not exist', async () => {
  const config = configOf({
    secrets: { a: { fromEnvFile: '.env' }, b: { fromEnvFile: '.env.local', orElse: '.env', keys: ['KEY'] } },
    externals: { db: { image: 'x', port: 1, secret: { fromEnvFile: '.env', keys: ['URL'] } } },
  })
  const files = { '/p/.env': 'KEY="a b"\n# no\nURL=postgres://x?y=1#z\n' }
  const all = { KEY: 'a b', URL: 'postgres://x?y=1#z' }
  expect(await readSecrets(config, read(files))).toMatchObject({
    secrets: { a: { KEY: 'a b' }, b: { KEY: all.KEY } },
    externals: { db: { URL: all.URL } },
  })
  expect(Object.keys((await readSecrets(config, read(files))).secrets.b ?? {})).toEqual(['KEY'])
})

test('every missing file and key is reported, without any value', async () => {
  const config = configOf({
    secrets: { a: { fromEnvFile: 'x.env', orElse: 'y.env' }, b: { fromEnvFile: '.env', keys: ['PASWORD', 'ZZZ'] } },
    externals: { db: { image: 'x', port: 1, secret: { fromEnvFile: 'none' } } },
  })
  const error = await readSecrets(config, read({ '/p/.env': 'PASSWORD=hunter2' })).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 })
  expect(error.details).toEqual([
    'secrets.a.fromEnvFile: neither x.env nor y.env exists',
    'secrets.b.keys: the file has no PASWORD; did you mean PASSWORD?',
    'secrets.b.keys: the file has no ZZZ',
    'externals.db.secret.fromEnvFile: none does not exist',
  ])
  expect(JSON.stringify(error)).not.toContain('hunter2')
})

test('a Secret has its values in base64', () => {
  expect(secretObject('s', 'n', 'todo', { A: 'ä' })).toMatchObject({ type: 'Opaque', data: { A: 'w6Q=' } })
})

test('a line that cannot be read is named, without its value', async () => {
  const config = configOf({ secrets: { a: { fromEnvFile: '.env' } } })
  const error = await readSecrets(config, read({ '/p/.env': 'A=1\nB="hunter2' })).catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: ['.env:2: the value of B has no closing quote'] })
})
