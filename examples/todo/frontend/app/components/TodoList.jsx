'use client'

/** The todos, with a box to tick and a button to delete each. */
export function TodoList({ todos, onChange, onRemove }) {
  return (
    <ul>
      {todos.map((todo) => (
        <li key={todo.id} className={todo.done ? 'done' : undefined}>
          <label>
            <input type="checkbox" checked={todo.done} onChange={() => onChange(todo.id, { done: !todo.done })} />
            <span>{todo.title}</span>
          </label>
          <button type="button" aria-label={`Delete ${todo.title}`} onClick={() => onRemove(todo.id)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  )
}
