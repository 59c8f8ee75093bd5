import type { ReactNode } from 'react'
import { placeholderOf } from '../../parts/placeholder'
import { Mark } from '../../shell/Mark'
import './sign-in.css'

/** Pictures of the demo platform, as blurred as they look while they load: hash, and width by height. */
/* eslint-disable lingui/no-unlocalized-strings -- hashes */
const MOSAIC: [string, number][][] = [
  [
    ['GagNBwYqeHdvhnd0eWeIh3d3V/aHoIoL', 1],
    ['UGkOJgZfd5d4eBeFh3d3d4h4T4mygFc=', 0.8],
    ['ntoKPgTEiDeHiPdod4h3iHeHxHO/9Sc=', 0.8],
    ['3qcJDYJniXh+eIeAeXdod3iEcAYo', 1.33],
    ['6KYNFgJ3d/d3eDeHeId3iHd3dmBkVgY=', 0.8],
  ],
  [
    ['HPcNHwSIeIh7h3hwh4eId3d4dlgHiHYA', 1],
    ['CfcFDYJ2aoh5h4aQaFiJh3aHf3j4', 1.33],
    ['XNcdJgR6iPh4eJh2d2eIh4h4ip+r98o=', 0.8],
    ['JGoSJgB3h/iHeEeHeIZ3d4iHeI/n+so=', 0.8],
    ['5DkKFYIHZ3d3eIiDeHiIhgd2c4BX', 1.5],
    ['56YNFYKIeId/h3hzeHeIh2dwdFcH', 1.33],
  ],
  [
    ['IKgNFgJ4aNh4dweXiGaHd3d3eIWgJQk=', 0.8],
    ['aMgVFIhwiXdjiXeGeIeAdwaXdw==', 1.78],
    ['G3gSJxJSaoegeHiGeIiHiHd41wNmX2UH', 1],
    ['CvcFFwI4lIyuQ7qQVmiGSadjk3b3eXcP', 1],
    ['nFcKHwR4h3eOd4hgh2iIeJh3p4gHmIsA', 1],
    ['I2oSJYJ3eHiPiHeFeHh4d3iPp/JI', 1.33],
  ],
]
/* eslint-enable lingui/no-unlocalized-strings */

export function Brand() {
  return (
    <div className="brand">
      <Mark size={36} />
      <span aria-hidden>Gatherum</span>
    </div>
  )
}

interface FrameProps {
  title: ReactNode
  lead?: ReactNode
  /** Stands above the title: where one is in a row of steps. */
  steps?: ReactNode
  /** Stands at the bottom. */
  foot?: ReactNode
  children: ReactNode
}

/** The page of people who are not in yet: one thing to do, and a light table beside it. */
export function Frame({ title, lead, steps, foot, children }: FrameProps) {
  return (
    <div className="setup">
      <main className="form">
        <Brand />
        <div className="middle">
          {steps}
          <h1>{title}</h1>
          {lead != null && <p className="lead soft">{lead}</p>}
          {children}
        </div>
        <p className="small muted">{foot}</p>
      </main>
      <div className="mosaic" aria-hidden>
        {MOSAIC.map((column, index) => (
          <div key={index}>
            {column.map(([hash, ratio]) => (
              <i key={hash} style={{ aspectRatio: ratio, backgroundImage: placeholderOf(hash) }} />
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}
