import { describe, expect, it } from 'vitest';
import { languageOf } from '../../../shared/domain/memory/language.ts';

describe('the language of a text', () => {
  it.each([
    ['german', 'Wo wohnt Anna?'],
    ['german', 'Ich wohne in Berlin.'],
    ['german', 'Das Auto ist rot'],
    ['spanish', '¿Dónde trabajan mis hermanos?'],
    ['spanish', 'donde vive la hermana de Ana'],
    ['spanish', 'Mi hermana trabajó'],
    ['french', 'Où habitent mes parents ?'],
    ['french', 'J’ai un chien'],
    ['italian', 'Dove abita mia sorella?'],
    ['portuguese', 'Onde moram os pais?'],
    ['dutch', 'Waar woont mijn zus?'],
    ['swedish', 'Var bor min syster?'],
    ['danish', 'Hvor bor min søster?'],
    ['danish', 'Jeg liker ikke kaffe'],
    ['russian', 'Где живёт моя сестра?'],
    ['ukrainian', 'Мої сестри живуть у Києві'],
  ])('%s: %s', (language, text) => {
    expect(languageOf(text)).toBe(language);
  });

  it.each([
    '',
    'tea',
    'El Paso trip',
    'User lives in Los Angeles',
    'soy milk and a croissant',
    'The cat is on the mat',
    'User was in Las Vegas in May',
    'a stained glass window',
    'Ana said hola to me',
    'We met at Café de Flore',
    'See ya!',
    'Maria Van Der Berg',
    '我住在北京',
    'ฉันอาศัยอยู่ในกรุงเทพ',
    '12 + 34',
  ])('is not certain, or English, or without a stemmer: %j', (text) => {
    expect(languageOf(text)).toBeUndefined();
  });
});
