;; Dot products of a query with rows of int8 codes, sixteen at a time. Query and rows are padded with zeros to `stride`, a
;; multiple of 16 bytes. The results are int32s, one for each row.
(module
  (import "codes" "memory" (memory 1))
  (func (export "scan") (param $query i32) (param $row i32) (param $rows i32) (param $stride i32) (param $out i32)
    (local $at i32)
    (local $sum v128)
    (local $a v128)
    (local $b v128)
    (loop $nextRow
      (local.set $at (i32.const 0))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $next
        (local.set $a (v128.load (i32.add (local.get $query) (local.get $at))))
        (local.set $b (v128.load (i32.add (local.get $row) (local.get $at))))
        (local.set $sum (i32x4.add (local.get $sum)
          (i32x4.add
            (i32x4.extadd_pairwise_i16x8_s (i16x8.extmul_low_i8x16_s (local.get $a) (local.get $b)))
            (i32x4.extadd_pairwise_i16x8_s (i16x8.extmul_high_i8x16_s (local.get $a) (local.get $b))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $stride))))
      (i32.store (local.get $out)
        (i32.add
          (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
          (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
      (local.set $out (i32.add (local.get $out) (i32.const 4)))
      (local.set $row (i32.add (local.get $row) (local.get $stride)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $nextRow (local.get $rows)))))
