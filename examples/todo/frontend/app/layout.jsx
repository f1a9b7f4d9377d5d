import './globals.css'

export const metadata = { title: 'Todo', description: 'A list, and an assistant that writes it' }

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
