#include "textflag.h"

// func lines(address, count uintptr)
TEXT ·lines(SB), NOSPLIT, $0-16
	MOVD address+0(FP), R0
	MOVD count+8(FP), R1

next:
	PRFM (R0), PLDL1KEEP
	ADD  $64, R0
	SUBS $1, R1
	BNE  next
	RET
