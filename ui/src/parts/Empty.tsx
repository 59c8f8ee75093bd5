import type { ReactNode } from 'react'

/** What a list says when nothing is in it: what belongs here, and the one button that brings it. */
export function Empty({
  title,
  children,
  action,
}: {
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="empty">
      <svg className="art" viewBox="0 0 132 96" aria-hidden>
        <rect x="6" y="26" width="46" height="58" rx="5" fill="var(--sunken)" />
        <rect
          x="58"
          y="12"
          width="68"
          height="42"
          rx="5"
          fill="none"
          stroke="var(--line-strong)"
          strokeWidth="1.5"
          strokeDasharray="4 5"
        />
        <rect x="58" y="60" width="30" height="24" rx="5" fill="var(--accent-soft)" />
        <rect x="94" y="60" width="32" height="24" rx="5" fill="var(--sunken)" />
        <rect x="82" y="24" width="18" height="18" rx="5" fill="var(--live)" transform="rotate(10 91 33)" />
      </svg>
      <h2>{title}</h2>
      {children != null && <p>{children}</p>}
      {action}
    </div>
  )
}
