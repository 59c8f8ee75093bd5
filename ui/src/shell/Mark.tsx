/** The sign of Gatherum: an open square, and a tile that arrives at its opening. */
export function Mark({ size = 40 }: { size?: number }) {
  return (
    <svg className="mark" viewBox="0 0 64 64" width={size} height={size} role="img" aria-label="Gatherum">
      <path
        d="M35 13H23a11 11 0 0 0-11 11v17a11 11 0 0 0 11 11h17a11 11 0 0 0 11-11v-8H36"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <rect
        x="43"
        y="6"
        width="15"
        height="15"
        rx="4.5"
        fill="var(--live)"
        transform="rotate(10 50.5 13.5)"
      />
    </svg>
  )
}
