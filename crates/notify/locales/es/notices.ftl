## Avisos en español. Trato de usted; sin publicidad.

### Asuntos

subject-delayed = Su pedido { $orders } de { $merchant } se retrasa: nueva entrega { $range }
subject-date-unknown = Su pedido { $orders } de { $merchant } se retrasa: le comunicaremos la nueva fecha
subject-delayed-again = Nuevo cambio en su pedido { $orders } de { $merchant }: entrega { $range }
subject-back-on-schedule = Su pedido { $orders } de { $merchant } vuelve a su fecha: { $range }
subject-in-transit = Su pedido { $orders } de { $merchant } está en camino y puede retrasarse
subject-cancelled = Su pedido { $orders } de { $merchant } queda cancelado: reembolso íntegro de { $amount }
subject-refunded = Su pedido { $orders } de { $merchant }: hemos reembolsado { $amount }
subject-declared = [{ $merchant }] Incidente declarado: { $place }
subject-updated = [{ $merchant }] Novedades del incidente: { $place }
subject-all-clear = [{ $merchant }] Fin del incidente: { $place }

heading-delayed = Retraso en la entrega
heading-date-unknown = Retraso en la entrega
heading-delayed-again = Nuevo cambio de fecha
heading-back-on-schedule = Entrega en fecha
heading-in-transit = Posible retraso en camino
heading-cancelled = Pedido cancelado
heading-refunded = Reembolso enviado
heading-declared = Incidente declarado
heading-updated = Novedades del incidente
heading-all-clear = Fin del incidente

### Comienzo

greeting = Hola, { $name }:
greeting-unnamed = Hola:

lead-delayed = Su pedido llegará más tarde de lo que le prometimos. Lo sentimos; esto es lo que sabemos.
lead-date-unknown = Su pedido no llegará en la fecha prometida y todavía no podemos darle una nueva. Lo sentimos; esto es lo que sabemos.
lead-delayed-again = Tampoco podremos cumplir la nueva fecha que le dimos. Lamentamos tener que cambiarla por segunda vez.
lead-back-on-schedule = Buenas noticias: su pedido vuelve a estar en fecha y la indicada abajo se mantiene.
lead-in-transit = Su paquete salió a tiempo y está en manos del transportista. Puede retrasarse por el camino.
lead-cancelled = Su pedido ha sido cancelado y le devolvemos todo su dinero.
lead-refunded = Le hemos devuelto todo el dinero del pedido indicado abajo.
lead-merchant-declared = Un incidente afecta a pedidos de su tienda. Esto es lo que se sabe y lo que se está haciendo.
lead-merchant-updated = Hay novedades del incidente que afecta a pedidos de su tienda.
lead-merchant-all-clear = El incidente que afectaba a pedidos de su tienda ha terminado.
lead-site-declared = Un incidente afecta a su centro. Haga lo indicado abajo y acuse recibo.
lead-site-updated = Hay novedades del incidente en su centro.
lead-site-all-clear = El incidente en su centro ha terminado. Siga los pasos para reabrir.
lead-carrier-declared = Un incidente afecta a la zona indicada. Tome las medidas indicadas y acuse recibo.
lead-carrier-updated = Hay novedades del incidente en la zona indicada.
lead-carrier-all-clear = El incidente en la zona indicada ha terminado. Puede reanudar el servicio normal.
lead-staff-declared = Se ha declarado un incidente. Acuse recibo y asuma su función en el plan.
lead-staff-updated = Hay novedades del incidente.
lead-staff-all-clear = El incidente ha terminado. Gracias.
lead-press-declared = { $merchant } confirma que un incidente afecta a sus entregas.
lead-press-updated = { $merchant } informa de novedades del incidente que afecta a sus entregas.
lead-press-all-clear = { $merchant } confirma que sus entregas han vuelto a la normalidad.

### Qué ha ocurrido

hazard-hurricane =
    { $region ->
        [none] Un huracán ha interrumpido los envíos.
       *[other] Un huracán ha interrumpido los envíos en { $region }.
    }
hazard-flood =
    { $region ->
        [none] Las inundaciones han interrumpido los envíos.
       *[other] Las inundaciones han interrumpido los envíos en { $region }.
    }
hazard-wildfire =
    { $region ->
        [none] Un incendio forestal ha interrumpido los envíos.
       *[other] Un incendio forestal ha interrumpido los envíos en { $region }.
    }
hazard-tornado =
    { $region ->
        [none] Un tornado ha interrumpido los envíos.
       *[other] Un tornado ha interrumpido los envíos en { $region }.
    }
hazard-winter-storm =
    { $region ->
        [none] Un temporal de invierno ha interrumpido los envíos.
       *[other] Un temporal de invierno ha interrumpido los envíos en { $region }.
    }
hazard-earthquake =
    { $region ->
        [none] Un terremoto ha interrumpido los envíos.
       *[other] Un terremoto ha interrumpido los envíos en { $region }.
    }
hazard-power-outage =
    { $region ->
        [none] Un corte de luz ha interrumpido nuestro trabajo.
       *[other] Un corte de luz en { $region } ha interrumpido nuestro trabajo.
    }
hazard-cyber-attack =
    { $region ->
        [none] Un ataque informático ha interrumpido nuestro trabajo.
       *[other] Un ataque informático en { $region } ha interrumpido nuestro trabajo.
    }
hazard-pandemic =
    { $region ->
        [none] Una emergencia sanitaria ha ralentizado nuestro trabajo.
       *[other] Una emergencia sanitaria en { $region } ha ralentizado nuestro trabajo.
    }
hazard-human-error =
    { $region ->
        [none] Cometimos un error al tramitar su pedido.
       *[other] Cometimos un error al tramitar su pedido en { $region }.
    }
hazard-route-closed =
    { $region ->
        [none] Una ruta de transporte está cerrada.
       *[other] Una ruta de transporte en { $region } está cerrada.
    }
hazard-carrier-down =
    { $region ->
        [none] El transportista ha interrumpido su servicio.
       *[other] El transportista ha interrumpido su servicio en { $region }.
    }
hazard-site-closed =
    { $region ->
        [none] Uno de nuestros centros logísticos está cerrado.
       *[other] Nuestro centro logístico en { $region } está cerrado.
    }
hazard-other =
    { $region ->
        [none] Un imprevisto ha interrumpido los envíos.
       *[other] Un imprevisto ha interrumpido los envíos en { $region }.
    }

cause-weather = El tiempo no permite un transporte seguro.
cause-road-damaged = Hay carreteras dañadas o cortadas.
cause-site-closed = El centro que guarda los artículos está cerrado.
cause-evacuated = El centro que guarda los artículos ha sido evacuado.
cause-systems-down = La electricidad o los sistemas del centro no funcionan.
cause-carrier-suspended = El transportista ha suspendido su servicio en la zona.
cause-staff-short = Puede trabajar menos personal de lo habitual.
cause-volume = Hay muchos más pedidos de lo habitual.
cause-stock-lost = Se han dañado o perdido artículos.
cause-wrong-handling = El pedido se preparó o se dirigió mal.

### Qué hemos hecho

action-other-site = Otro de nuestros centros, fuera de la zona, enviará el pedido.
action-other-carrier = Otro transportista u otra ruta llevará el pedido.
action-faster-service = Hemos elegido un servicio más rápido, a nuestro cargo.
action-held-safely = El pedido está a salvo y saldrá en cuanto se abra el paso.
action-split-shipment = Enviamos primero lo que hay en existencias; el resto, después.
action-restocking = Nuevas existencias vienen de camino.
action-tracing = Hemos pedido al transportista que localice el paquete.
action-assessing = Nuestros equipos están evaluando la situación sobre el terreno.

### Opciones

choice-wait = Esperar a la nueva fecha
choice-cancel = Cancelar con reembolso íntegro
choice-change-address = Cambiar la dirección de entrega

# En un botón: 14 caracteres como máximo.
button-wait = Esperar
button-cancel = Cancelar
button-change-address = Otra dirección
button-acknowledge = Acusar recibo

silence-waits = Si no recibimos respuesta, enviaremos el pedido para la nueva fecha. Puede cancelarlo con reembolso íntegro en cualquier momento antes de que salga.
silence-cancels = Díganos, a más tardar el { $date }, si desea esperar. Si para entonces no hemos recibido respuesta, cancelaremos el pedido y le devolveremos todo su dinero.

### Filas

label-orders = Número de pedido
label-items = Artículos
label-reason = Motivo
label-done = Qué hemos hecho
label-old-date = Fecha prometida
label-new-date = Nueva fecha
label-choices = Sus opciones
label-refund = Reembolso
label-next = Próximo aviso
label-contact = Contacto
label-place = Lugar
label-touched = Pedidos afectados
label-asks = Le pedimos
label-acknowledge = Acusar recibo

new-date = { $range } (probabilidad aproximada: { $percent } %)
date-not-known = Aún no se conoce
refund-due = { $amount }, a su medio de pago original hasta el { $date }
refund-done = { $amount }, a su medio de pago original el { $date }
next-word = Volveremos a escribirle hasta el { $moment }.
contact-mail = { $mail }
contact-phone = { $phone }
item = { $quantity ->
    [one] { $item }
   *[other] { $item } × { $quantity }
}
orders-more = { $count ->
    [one] { $first } y uno más
   *[other] { $first } y { $count } más
}
touched = { $count ->
    [one] un pedido
   *[other] { $count } pedidos
}

### Peticiones

ask-close-site = Detenga el trabajo, ponga a salvo al personal y cierre el centro.
ask-open-site = Reabra el centro y haga inventario antes de liberar las existencias.
ask-recall-orders = Retire los pedidos que no hayan salido y no los entregue.
ask-take-over = Asuma los pedidos indicados en el portal.
ask-embargo = No acepte ni lleve paquetes a la zona hasta nuevo aviso.
ask-new-pickup = Recoja en el nuevo lugar indicado en el portal.
ask-hold-parcels = Retenga los paquetes para la zona en su último depósito fuera de ella.
ask-confirm-plan = Confirme el plan que muestra el portal.
ask-pause-promises = No prometa fechas de entrega para la zona hasta nuevo aviso.
ask-report-safe = Comunique que usted y su equipo están a salvo.
ask-take-role = Asuma su función en el plan y comuníquelo.

footer = Este es un mensaje de servicio sobre su pedido. No contiene publicidad y se envía aunque haya rechazado las comunicaciones comerciales.
footer-partner = Recibe este mensaje porque figura en el plan de continuidad de { $merchant }.

### Mensajes cortos

sms-delayed = { $merchant }: el pedido { $orders } se retrasa, ahora { $range }. Espere o cancele con reembolso: { $link }
sms-date-unknown = { $merchant }: el pedido { $orders } se retrasa, nueva fecha por confirmar. Espere o cancele con reembolso: { $link }
sms-delayed-again = { $merchant }: nuevo cambio del pedido { $orders }, ahora { $range }. Espere o cancele con reembolso: { $link }
sms-back-on-schedule = { $merchant }: el pedido { $orders } vuelve a su fecha: { $range }.
sms-in-transit = { $merchant }: el pedido { $orders } está en camino y puede retrasarse. Le avisaremos.
sms-cancelled = { $merchant }: pedido { $orders } cancelado; le devolvemos { $amount } hasta el { $date }.
sms-refunded = { $merchant }: hemos reembolsado { $amount } del pedido { $orders }.
sms-declared = [{ $merchant }] Incidente declarado: { $place }. Consulte el portal y acuse recibo.
sms-updated = [{ $merchant }] Novedades del incidente: { $place }. Consulte el portal.
sms-all-clear = [{ $merchant }] Fin del incidente: { $place }.

### Página de estado

status-title = { $merchant }: estado de las entregas
status-all-well = Todos los pedidos salen con normalidad.
status-trouble = { $count ->
    [one] Un incidente afecta a las entregas.
   *[other] { $count } incidentes afectan a las entregas.
}
status-made = Última actualización: { $moment }
status-current = Incidentes actuales
status-planned-work = Previsto
status-past = Incidentes anteriores
status-touches = Afecta a: { $places }
status-planned = Previsto
status-investigating = Investigando
status-identified = Identificado
status-monitoring = En observación
status-resolved = Resuelto
status-feed = Suscribirse (Atom)
status-more = Más información

### Fechas, horas, números

weekday = { $weekday ->
    [1] lunes
    [2] martes
    [3] miércoles
    [4] jueves
    [5] viernes
    [6] sábado
   *[7] domingo
}
month = { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
}
date-long = { weekday }, { $day } de { month } de { $year }
date-short = { $day } de { month }
date-range = { $first } a { $last }
time-minutes = :{ $minute }
time = { $hour }{ time-minutes }
zone-name = { $zone }
moment = { $date }, { time } ({ zone-name })
number-group = .
number-decimal = ,
percent = { $percent } %
money = { $code ->
    [EUR] { $amount } €
    [USD] { $amount } $
    [GBP] { $amount } £
    [KRW] { $amount } ₩
   *[other] { $amount } { $code }
}

### La página del cliente

page-title = Su pedido en { $merchant }
page-state-waiting = Su pedido está pendiente de envío.
page-state-preparing = Estamos preparando su pedido.
page-state-on-the-way = Su pedido está en camino.
page-state-delivered = Su pedido ha sido entregado.
page-state-cancelled = Su pedido está cancelado.
page-state-ending = Su pedido está cancelado. Estamos deteniendo lo que ya se estaba preparando.
page-state-doubt = Estamos localizando su paquete.
page-expected = Entrega prevista: { $range }
page-choose = ¿Qué desea hacer?
page-wait = Esperar a la nueva fecha
page-wait-button = Esperaré
page-cancel = Cancelar el pedido
page-cancel-hint = Se le devuelve todo su dinero: { $amount }.
page-cancel-button = Cancelar y reembolsar
page-address = Cambiar la dirección de entrega
page-address-hint = Se aplica a todos sus pedidos en { $merchant } que aún no se hayan preparado.
page-address-button = Guardar esta dirección
page-street = Calle y número
page-city = Localidad
page-postal = Código postal
page-answer-by = Por favor, responda antes del final del { $date }. Si no tenemos noticias suyas, cancelaremos el pedido y le devolveremos todo su dinero.
page-answered-wait = El { $date } nos dijo que esperará. Puede cancelar hasta que el pedido haya salido.
page-answered-cancel = Canceló el { $date }.
page-answered-address = Nos dio una nueva dirección el { $date }.
page-thanks = Gracias. Hemos registrado su respuesta.
page-refund-due = { $amount } se devolverá a su medio de pago original a más tardar el { $date }.
page-refund-done = { $amount } se ha devuelto a su medio de pago original.
page-too-late = Ya no es posible: el pedido se ha preparado o ha salido. Escríbanos y le ayudaremos.
page-address-unknown = No podemos entregar en esta dirección. Compruebe el código postal.
page-link-title = No se puede abrir este enlace
page-link-expired = Este enlace ha caducado. Use el enlace de nuestro mensaje más reciente o escríbanos.
page-link-unknown = Este enlace no está completo o no es nuestro. Ábralo de nuevo desde nuestro mensaje.
page-contact = ¿Preguntas? { $mail }

### Lo que dice la página de estado

status-says-investigating = Estamos averiguando qué pedidos están afectados.
status-says-identified = Sabemos qué pedidos están afectados y los enviamos por otras vías. Escribimos a cada cliente afectado.
status-says-monitoring = Los envíos se han reanudado y los seguimos de cerca.
status-says-resolved = Todos los pedidos vuelven a salir con normalidad.

### En el servicio de atención al cliente

say-on-time = Su pedido { $number } va según lo previsto: lo recibirá a más tardar el { $day }.
say-late = Su pedido { $number } estaba previsto para el { $promised }. Lamentamos el retraso: tal como están las cosas, llegará a más tardar el { $day }.
say-unknown = Lo lamentamos: en este momento no podemos enviar su pedido { $number } y no queremos darle una fecha que quizá no cumplamos. Le escribiremos en cuanto tengamos una.
say-tracing = Lo lamentamos: el paquete de su pedido { $number } no se ha localizado desde el incidente y el transportista lo está buscando. Le escribiremos en cuanto sepamos más.
say-delivered = Su pedido { $number } ha sido entregado.
say-cancelled = Su pedido { $number } ha sido cancelado.
say-cancelled-refund = Su pedido { $number } ha sido cancelado y le devolveremos { $amount } por el mismo medio de pago.
say-choices = Puede esperar o cancelar ahora con reembolso íntegro; como usted prefiera.
say-address = Todavía no ha salido, así que aún podemos enviarlo a otra dirección.

### Para quienes aún no han comprado

buy-on = Si lo pide ahora, lo recibirá a más tardar el { $day }.
buy-unknown = Puede pedirlo, pero debido a un incidente no podemos dar una fecha de entrega en este momento.
buy-not-there = No entregamos en este código postal.

### Avisos a socios y personal

call-title = Aviso: { $place }
call-thanks = Gracias. Su confirmación ha quedado registrada.
call-over = Este aviso ya se ha confirmado o se ha retirado. No hace falta nada más.
