"""What Lessonroom costs, beside the same room written plainly and beside the bare system call (docs/performance.md)."""
