;; Saves a file in each of the ways that emacs has, with its lock, its auto-save file and its backups.
;;   emacs -Q --batch -l emacs.el FILE

(setq make-backup-files t
      ;; Also below /tmp, where it makes none of its own accord.
      backup-enable-predicate (lambda (_) t)
      create-lockfiles t
      auto-save-default t
      vc-handled-backends nil)

(defvar the-file (pop command-line-args-left))
(defvar the-lock (concat ".#" the-file))
(defvar the-auto-save (concat "#" the-file "#"))

(defun must (condition what)
  (unless condition
    (message "%s" what)
    (kill-emacs 1)))

(defun who-locks ()
  "Who holds the file, as another emacs sees it."
  (with-temp-buffer
    (call-process "emacs" nil t nil "-Q" "--batch" "--eval" (format "(princ (file-locked-p %S))" the-file))
    (buffer-string)))

(defun save (text)
  (find-file the-file)
  (auto-save-mode 1)
  (goto-char (point-max))
  ;; The first change makes the lock: a symbolic link whose target says who holds it.
  (insert text "\n")
  (must (file-symlink-p the-lock) "a changed file is not locked")
  (must (string= (who-locks) (user-login-name)) "another emacs does not see who holds the lock")
  (do-auto-save t)
  (must (file-exists-p the-auto-save) "there is no auto-save file")
  (save-buffer)
  (must (not (file-symlink-p the-lock)) "the lock stays after a save")
  (must (not (file-exists-p the-auto-save)) "the auto-save file stays after a save")
  (kill-buffer))

;; The old file is renamed to the backup, and a new one is written.
(let ((backup-by-copying nil))
  (save "renamed"))
;; The old file is copied to the backup, and written over.
(let ((backup-by-copying t))
  (save "copied"))
;; A temporary file is written and renamed over the old one.
(let ((file-precious-flag t))
  (save "precious"))
;; Backups have numbers.
(let ((version-control t))
  (save "numbered"))
