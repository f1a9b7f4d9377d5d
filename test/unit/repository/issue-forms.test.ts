import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

interface Form {
  readonly name?: string
  readonly description?: string
  readonly body?: readonly {
    readonly type: string
    readonly id?: string
    readonly attributes?: Readonly<Record<string, unknown>>
  }[]
}

const folder = '.github/ISSUE_TEMPLATE'
const forms = readdirSync(folder).filter((file) => file !== 'config.yml')

// https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
test.each(forms)('%s is a form that GitHub accepts', (file) => {
  const { name, description, body = [] } = parse(readFileSync(`${folder}/${file}`, 'utf8')) as Form
  expect([name, description]).not.toContain(undefined)
  const fields = body.filter(({ type }) => type !== 'markdown')
  expect(fields.length).toBeGreaterThan(0)
  expect(fields.filter(({ type }) => !['checkboxes', 'dropdown', 'input', 'textarea'].includes(type))).toEqual([])
  expect(fields.map(({ attributes }) => attributes?.label)).not.toContain(undefined)
  const ids = fields.map(({ id }) => id)
  expect(ids).not.toContain(undefined)
  expect(ids).toHaveLength(new Set(ids).size)
})
