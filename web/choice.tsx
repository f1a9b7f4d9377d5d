/** Chooses one of a few. The label is for screen readers: the options say what is chosen from. */
export function Choice<Value extends string>(props: {
  readonly label: string
  readonly value: Value
  /** The title of each value. */
  readonly options: readonly (readonly [value: Value, title: string])[]
  readonly onChange: (value: Value) => void
}) {
  return (
    <label>
      <span class="hidden">{props.label}</span>
      <select value={props.value} onChange={({ currentTarget }) => props.onChange(currentTarget.value as Value)}>
        {props.options.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  )
}
