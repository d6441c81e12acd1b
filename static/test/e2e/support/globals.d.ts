// What the example page declares.
declare const sc: any;
