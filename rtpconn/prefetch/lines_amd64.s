#include "textflag.h"

// func lines(address, count uintptr)
TEXT ·lines(SB), NOSPLIT, $0-16
	MOVQ address+0(FP), AX
	MOVQ count+8(FP), CX

next:
	PREFETCHT0 (AX)
	ADDQ $64, AX
	DECQ CX
	JNZ  next
	RET
