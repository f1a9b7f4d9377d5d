import { Choice } from './choice.tsx'
import { toggled } from './log-filter.ts'
import { fieldsIn, levelOf, type ShownLine } from './log-lines.ts'
import { namesOf } from './log-rows.ts'
import { columns, filter, hasColumns, shown } from './log-store.ts'

/** Shows structured lines as columns, and chooses the fields that are columns of their own. */
export function ColumnsButton() {
  return (
    <>
      <button
        type="button"
        aria-pressed={hasColumns.value}
        onClick={() => {
          hasColumns.value = !hasColumns.value
        }}
      >
        Columns
      </button>
      {hasColumns.value && <AddColumn />}
    </>
  )
}

function AddColumn() {
  const names = namesOf(shown.value).filter((name) => name !== '' && !columns.value.includes(name))
  return (
    <Choice
      label="Add a column"
      value=""
      options={[['', 'Add a column'], ...names.map((name) => [name, name] as const)]}
      onChange={(name) => {
        columns.value = [...columns.value, name]
      }}
    />
  )
}

/** The names of the columns; those that were added can be removed. */
export function ColumnHeads() {
  return (
    <div class="heads">
      <span class="opens" />
      <span class="when">time</span>
      <span class="who">service</span>
      <span class="level">level</span>
      {columns.value.map((name) => (
        <button
          key={name}
          type="button"
          class="cell"
          title={`Remove the column ${name}`}
          onClick={() => {
            columns.value = columns.value.filter((each) => each !== name)
          }}
        >
          {name} <span aria-hidden="true">×</span>
        </button>
      ))}
      <span>message</span>
    </div>
  )
}

/** The level of a line, and its values; each value is a filter. */
export function Cells({ line }: { readonly line: ShownLine }) {
  const fields = fieldsIn(line)
  return (
    <>
      <span class="level">{levelOf(line)}</span>
      {columns.value.map((name) => {
        const value = fields?.get(name)
        if (value === undefined) return <span key={name} class="cell" />
        return (
          <button
            key={name}
            type="button"
            class="cell"
            title={`${name}: ${value}`}
            onClick={() => {
              filter.value = toggled(filter.value, { name, value })
            }}
          >
            {value}
          </button>
        )
      })}
    </>
  )
}

/** The values that lines must have, each of which can be taken away. */
export function FieldFilters() {
  const { fields } = filter.value
  if (fields.length === 0) return null
  return (
    <ul class="field-filters" aria-label="Only lines with">
      {fields.map((field) => (
        <li key={JSON.stringify(field)}>
          <button
            type="button"
            title="Remove this filter"
            onClick={() => {
              filter.value = toggled(filter.value, field)
            }}
          >
            {field.name} = {field.value} <span aria-hidden="true">×</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
