'use client'

import { AddTodo } from './components/AddTodo.jsx'
import { Assistant } from './components/Assistant.jsx'
import { TodoList } from './components/TodoList.jsx'
import { useTodos } from './lib/useTodos.js'

export default function Page() {
  const { todos, problem, reload, add, plan, change, remove } = useTodos()
  const open = todos?.filter((todo) => !todo.done).length ?? 0

  return (
    <main>
      <header>
        <h1>Todo</h1>
        <p aria-live="polite">{todos === null ? 'Loading …' : summary(open, todos.length)}</p>
      </header>
      {problem && (
        <div className="problem" role="alert">
          <span>{problem}</span>
          <button type="button" onClick={reload}>
            Reload
          </button>
        </div>
      )}
      <Assistant onPlan={plan} />
      <AddTodo onAdd={add} />
      {todos && <TodoList todos={todos} onChange={change} onRemove={remove} />}
    </main>
  )
}

function summary(open, all) {
  if (all === 0) return 'Nothing planned'
  return open === 0 ? 'All done' : `${open} of ${all} to do`
}
