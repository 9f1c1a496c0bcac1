;; Dot products of the vector at the start of the memory with another one, or with several that follow each other, four lanes at a time.
;; All are aligned to 64 bytes and padded with zeros to a multiple of 64 bytes.
(module
  (import "block" "memory" (memory 1))
  (func $dot (export "dot") (param $other i32) (param $bytes i32) (result f32)
    (local $at i32)
    (local $a v128)
    (local $b v128)
    (local $c v128)
    (local $d v128)
    (loop $next
      (local.set $a (f32x4.add (local.get $a)
        (f32x4.mul (v128.load (local.get $at)) (v128.load (local.get $other)))))
      (local.set $b (f32x4.add (local.get $b)
        (f32x4.mul (v128.load offset=16 (local.get $at)) (v128.load offset=16 (local.get $other)))))
      (local.set $c (f32x4.add (local.get $c)
        (f32x4.mul (v128.load offset=32 (local.get $at)) (v128.load offset=32 (local.get $other)))))
      (local.set $d (f32x4.add (local.get $d)
        (f32x4.mul (v128.load offset=48 (local.get $at)) (v128.load offset=48 (local.get $other)))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (local.set $other (i32.add (local.get $other) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $bytes))))
    (local.set $a (f32x4.add (f32x4.add (local.get $a) (local.get $b))
                             (f32x4.add (local.get $c) (local.get $d))))
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $a)) (f32x4.extract_lane 1 (local.get $a)))
      (f32.add (f32x4.extract_lane 2 (local.get $a)) (f32x4.extract_lane 3 (local.get $a)))))
  (func (export "dots") (param $other i32) (param $bytes i32) (param $rows i32) (param $out i32)
    (loop $next
      (f32.store (local.get $out) (call $dot (local.get $other) (local.get $bytes)))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $other (i32.add (local.get $other) (local.get $bytes)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $next (local.get $rows)))))
