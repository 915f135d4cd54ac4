import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { Dialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'

interface SheetProps {
  readonly title: string
  readonly beside: ReactNode
  readonly stale: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Details at the side of the page; Escape, the cross and a click beside it close it, and the focus goes back. */
export const Sheet = ({ title, beside, stale, onClose, children }: SheetProps) => (
  <ModalOverlay className="sheet-scrim" isOpen isDismissable onOpenChange={(open) => !open && onClose()}>
    <Modal className={stale ? 'sheet stale' : 'sheet'}>
      <Dialog className="sheet-body">
        <div className="sheet-head">
          <Heading slot="title">{title}</Heading>
          {beside}
          <button type="button" className="sheet-close" aria-label="Close" onClick={onClose}>
            <X aria-hidden="true" />
          </button>
        </div>
        {children}
      </Dialog>
    </Modal>
  </ModalOverlay>
)

/** Pairs of a word and its value. */
export const Facts = ({ children }: { children: ReactNode }) => <dl className="facts">{children}</dl>

interface FactProps {
  readonly name: string
  readonly children: ReactNode
  readonly small?: ReactNode
}

/** One pair; `small` says what qualifies the value, e.g. its age. */
export const Fact = ({ name, children, small }: FactProps) => (
  <div>
    <dt>{name}</dt>
    <dd>
      {children}
      {small ? <small>{small}</small> : null}
    </dd>
  </div>
)
