;; Dot product of the vector at the start of the memory with another one, four lanes at a time.
;; Vectors and codes are aligned to 64 bytes and padded with zeros to a multiple of 64 bytes.
(module
  (import "block" "memory" (memory 1))
  (func (export "dot") (param $other i32) (param $bytes i32) (result f32)
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
  ;; Dot products of int16 codes at $query with int8 codes of rows that follow each other, 32 at a time. The results are int32s.
  (func (export "scan")
    (param $query i32) (param $row i32) (param $rows i32) (param $bytes i32) (param $out i32)
    (local $at i32)
    (local $codes i32)
    (local $end i32)
    (local $a v128)
    (local $b v128)
    (loop $nextRow
      (local.set $at (local.get $query))
      (local.set $codes (local.get $row))
      (local.set $end (i32.add (local.get $row) (local.get $bytes)))
      (local.set $a (v128.const i32x4 0 0 0 0))
      (local.set $b (v128.const i32x4 0 0 0 0))
      (loop $next
        (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s
          (v128.load (local.get $at)) (v128.load8x8_s (local.get $codes)))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s
          (v128.load offset=16 (local.get $at)) (v128.load8x8_s offset=8 (local.get $codes)))))
        (local.set $a (i32x4.add (local.get $a) (i32x4.dot_i16x8_s
          (v128.load offset=32 (local.get $at)) (v128.load8x8_s offset=16 (local.get $codes)))))
        (local.set $b (i32x4.add (local.get $b) (i32x4.dot_i16x8_s
          (v128.load offset=48 (local.get $at)) (v128.load8x8_s offset=24 (local.get $codes)))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (local.set $codes (i32.add (local.get $codes) (i32.const 32)))
        (br_if $next (i32.lt_u (local.get $codes) (local.get $end))))
      (local.set $a (i32x4.add (local.get $a) (local.get $b)))
      (i32.store (local.get $out)
        (i32.add
          (i32.add (i32x4.extract_lane 0 (local.get $a)) (i32x4.extract_lane 1 (local.get $a)))
          (i32.add (i32x4.extract_lane 2 (local.get $a)) (i32x4.extract_lane 3 (local.get $a)))))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $row (local.get $end))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $nextRow (local.get $rows)))))
