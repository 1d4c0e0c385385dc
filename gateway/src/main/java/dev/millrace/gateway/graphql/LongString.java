package dev.millrace.gateway.graphql;

import graphql.GraphQLContext;
import graphql.execution.CoercedVariables;
import graphql.language.IntValue;
import graphql.language.StringValue;
import graphql.language.Value;
import graphql.schema.Coercing;
import graphql.schema.CoercingParseLiteralException;
import graphql.schema.CoercingParseValueException;
import graphql.schema.CoercingSerializeException;
import graphql.schema.GraphQLScalarType;
import java.util.Locale;

/**
 * A 64-bit integer, written as a string, since numbers in JavaScript do not hold it; read from
 * either.
 */
final class LongString implements Coercing<Long, String> {

  static final GraphQLScalarType TYPE =
      GraphQLScalarType.newScalar()
          .name("LongString")
          .description("A 64-bit integer, as a string")
          .coercing(new LongString())
          .build();

  private LongString() {}

  @Override
  public String serialize(Object value, GraphQLContext context, Locale locale) {
    if (value instanceof Long number) {
      return number.toString();
    }
    throw new CoercingSerializeException("No 64-bit integer: " + value);
  }

  @Override
  public Long parseValue(Object input, GraphQLContext context, Locale locale) {
    try {
      return Long.valueOf(input.toString());
    } catch (NumberFormatException e) {
      throw new CoercingParseValueException("Expected an integer, got '%s'".formatted(input), e);
    }
  }

  @Override
  public Long parseLiteral(
      Value<?> input, CoercedVariables variables, GraphQLContext context, Locale locale) {
    String text =
        switch (input) {
          case IntValue number -> number.getValue().toString();
          case StringValue string -> string.getValue();
          default -> throw new CoercingParseLiteralException("Expected an integer");
        };
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      throw new CoercingParseLiteralException("Expected an integer, got '%s'".formatted(text), e);
    }
  }
}
